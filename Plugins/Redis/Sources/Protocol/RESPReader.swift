package import WeirSDK

/// Reads replies from bytes that come in pieces. Bounded in all that the other side decides.
package struct RESPReader {
    package enum Limit {
        /// Bytes of one reply.
        package static let reply = 32 << 20
        /// Bytes of a line: a number, a status, an error.
        package static let line = 64 << 10
        /// Values in one reply.
        package static let values = 1 << 20
        package static let depth = 16
    }

    private var buffer: [UInt8] = []
    private var position = 0
    private var taken = 0
    private var values = 0

    package init() {}

    /// Bytes that were read and belong to no reply yet.
    package var isEmpty: Bool { position == buffer.count }

    /// The next reply.
    ///
    /// - Parameter more: gives what comes next, empty at the end.
    package mutating func next(
        _ more: () throws(ComponentError) -> [UInt8]
    ) throws(ComponentError) -> RESPValue {
        taken = 0
        values = 0
        defer {
            buffer.removeFirst(position)
            position = 0
        }
        return try value(depth: 0, more)
    }

    private mutating func value(
        depth: Int, _ more: () throws(ComponentError) -> [UInt8]
    ) throws(ComponentError) -> RESPValue {
        guard depth <= Limit.depth else {
            throw Self.broken("a reply that is nested more than \(Limit.depth) deep")
        }
        while true {
            values += 1
            guard values <= Limit.values else {
                throw Self.broken("a reply of more than \(Limit.values) values")
            }
            let line = try line(more)
            guard let type = line.first else { throw Self.broken("an empty line") }
            let rest = line.dropFirst()
            switch type {
            case UInt8(ascii: "+"), UInt8(ascii: "("): return .text(Array(rest))
            case UInt8(ascii: "-"): return .error(String(decoding: rest, as: UTF8.self))
            case UInt8(ascii: ":"): return .integer(try number(rest))
            case UInt8(ascii: ","):
                guard let number = Double(String(decoding: rest, as: UTF8.self)) else {
                    throw Self.broken("a number that is none")
                }
                return .number(number)
            case UInt8(ascii: "#"): return .integer(rest.first == UInt8(ascii: "t") ? 1 : 0)
            case UInt8(ascii: "_"): return .null
            case UInt8(ascii: "$"):
                guard let bytes = try bulk(rest, more) else { return .null }
                return .text(bytes)
            case UInt8(ascii: "="): return .text(Array((try bulk(rest, more) ?? []).dropFirst(4)))
            case UInt8(ascii: "!"):
                return .error(String(decoding: try bulk(rest, more) ?? [], as: UTF8.self))
            case UInt8(ascii: "*"), UInt8(ascii: "~"):
                guard let count = try count(rest) else { return .null }
                return .list(try list(count, depth, more))
            case UInt8(ascii: "%"):
                return .list(try list(2 * (try count(rest) ?? 0), depth, more))
            case UInt8(ascii: ">"): _ = try list(try count(rest) ?? 0, depth, more)
            case UInt8(ascii: "|"): _ = try list(2 * (try count(rest) ?? 0), depth, more)
            default: throw Self.unknown(type, rest)
            }
        }
    }

    private mutating func list(
        _ count: Int, _ depth: Int, _ more: () throws(ComponentError) -> [UInt8]
    ) throws(ComponentError) -> [RESPValue] {
        var list: [RESPValue] = []
        // What was announced is believed only once it is there.
        list.reserveCapacity(min(count, 1024))
        for _ in 0..<count { list.append(try value(depth: depth + 1, more)) }
        return list
    }

    private func number(_ digits: ArraySlice<UInt8>) throws(ComponentError) -> Int64 {
        guard let number = Int64(String(decoding: digits, as: UTF8.self)) else {
            throw Self.broken("\"\(Self.printable(digits))\" in place of a number")
        }
        return number
    }

    /// `nil`: there is none (-1).
    private func count(_ digits: ArraySlice<UInt8>) throws(ComponentError) -> Int? {
        let count = try number(digits)
        if count == -1 { return nil }
        guard count >= 0, count <= Limit.values else {
            throw Self.broken("a list of \(count) values: at most \(Limit.values) are read")
        }
        return Int(count)
    }

    private mutating func bulk(
        _ digits: ArraySlice<UInt8>, _ more: () throws(ComponentError) -> [UInt8]
    ) throws(ComponentError) -> [UInt8]? {
        let length = try number(digits)
        if length == -1 { return nil }
        guard length >= 0, length <= Limit.reply else {
            throw Self.broken("a text of \(length) bytes: at most \(Limit.reply) are read")
        }
        try ask(Int(length) + 2, more)
        let end = position + Int(length)
        guard buffer[end] == 13, buffer[end + 1] == 10 else {
            throw Self.broken("a text that is longer than announced")
        }
        defer { position = end + 2 }
        return Array(buffer[position..<end])
    }

    private mutating func line(
        _ more: () throws(ComponentError) -> [UInt8]
    ) throws(ComponentError) -> ArraySlice<UInt8> {
        var searched = position
        while true {
            if let end = buffer[searched...].firstIndex(of: 10) {
                guard end > position, buffer[end - 1] == 13 else {
                    throw Self.unknown(buffer[position], buffer[position..<end].dropFirst())
                }
                defer { position = end + 1 }
                return buffer[position..<(end - 1)]
            }
            // Another protocol need not have lines at all.
            if position < buffer.count, !Self.types.contains(buffer[position]) {
                throw Self.unknown(buffer[position], buffer[position...].dropFirst())
            }
            guard buffer.count - position <= Limit.line else {
                throw Self.broken("a line of more than \(Limit.line) bytes")
            }
            searched = buffer.count
            try grow(more)
        }
    }

    /// Sees to it that so many bytes are there.
    private mutating func ask(
        _ count: Int, _ more: () throws(ComponentError) -> [UInt8]
    ) throws(ComponentError) {
        while buffer.count - position < count { try grow(more) }
    }

    private mutating func grow(
        _ more: () throws(ComponentError) -> [UInt8]
    ) throws(ComponentError) {
        let bytes = try more()
        guard !bytes.isEmpty else {
            throw .retry("the server closed the connection before its reply was complete")
        }
        taken += bytes.count
        guard taken <= Limit.reply + Limit.line else {
            throw Self.broken("a reply of more than \(Limit.reply) bytes")
        }
        buffer += bytes
    }

    private static let types = Array("+-:$*_,#(=!%~>|".utf8)

    private static func broken(_ what: String) -> ComponentError {
        .refused("the server sent \(what): is it Redis?")
    }

    private static func unknown(_ type: UInt8, _ rest: ArraySlice<UInt8>) -> ComponentError {
        if type == 0x15 || type == 0x16 {
            return .refused("the server answers with TLS: write rediss:// or set tls")
        }
        if type == UInt8(ascii: "H"), rest.starts(with: "TTP/".utf8) {
            return .refused("the server speaks HTTP: check the port")
        }
        return broken("\"\(printable([type] + rest.prefix(20)))\"")
    }

    /// No control characters, no long text.
    private static func printable(_ bytes: ArraySlice<UInt8>) -> String {
        String(
            decoding: bytes.prefix(24).map { (0x20..<0x7F).contains($0) ? $0 : UInt8(ascii: ".") },
            as: UTF8.self)
    }
}
