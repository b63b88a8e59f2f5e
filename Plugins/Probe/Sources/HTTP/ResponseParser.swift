/// Reads an HTTP/1.x answer as it comes.
struct ResponseParser {
    private static let longestHead = 64 << 10
    /// Beyond it a body is counted, but not kept.
    private static let mostKept = 16 << 20

    private enum Phase {
        case head
        case counted(Int)
        case toEnd
        case chunkSize
        case chunk(Int)
        case chunkEnd
        case trailer
        case done
    }

    private(set) var version = 0.0
    private(set) var code = 0
    /// Names in lower case.
    private(set) var headers: [(name: String, value: String)] = []
    private(set) var body: [UInt8] = []
    private(set) var bodyLength = 0
    /// As the header says; -1: it does not.
    private(set) var announced = -1

    private let hasNoBody: Bool
    private let keepsBody: Bool
    private var phase = Phase.head
    private var pending: [UInt8] = []

    init(method: String, keepsBody: Bool) {
        hasNoBody = method == "HEAD"
        self.keepsBody = keepsBody
    }

    var isDone: Bool { if case .done = phase { true } else { false } }

    func header(_ name: String) -> [String] {
        headers.filter { $0.name == name }.map(\.value)
    }

    mutating func take(_ bytes: [UInt8]) throws(ProbeFailure) {
        pending += bytes
        while !isDone, try step() {}
    }

    /// The other side has ended the connection.
    mutating func end() throws(ProbeFailure) {
        switch phase {
        case .done: return
        case .toEnd: phase = .done
        case .head: throw ProbeFailure("the connection ended before an answer came")
        default: throw ProbeFailure("the connection ended in the middle of the body")
        }
    }

    /// False: more bytes are needed.
    private mutating func step() throws(ProbeFailure) -> Bool {
        switch phase {
        case .done: return false
        case .head: return try takeHead()
        case .toEnd:
            guard !pending.isEmpty else { return false }
            keep(pending.count)
            return true
        case .counted(let left):
            if left == 0 {
                phase = .done
                return true
            }
            guard !pending.isEmpty else { return false }
            phase = .counted(left - keep(left))
            return true
        case .chunkSize:
            guard let line = try takeLine() else { return false }
            let digits = line.prefix { $0 != ";" && $0 != " " }
            guard let size = Int(digits, radix: 16), size >= 0 else {
                throw ProbeFailure("a chunk of the body has no size")
            }
            phase = size == 0 ? .trailer : .chunk(size)
            return true
        case .chunk(let left):
            guard !pending.isEmpty else { return false }
            let rest = left - keep(left)
            phase = rest == 0 ? .chunkEnd : .chunk(rest)
            return true
        case .chunkEnd:
            guard let line = try takeLine() else { return false }
            guard line.isEmpty else { throw ProbeFailure("a chunk of the body has no end") }
            phase = .chunkSize
            return true
        case .trailer:
            guard let line = try takeLine() else { return false }
            if line.isEmpty { phase = .done }
            return true
        }
    }

    @discardableResult
    private mutating func keep(_ most: Int) -> Int {
        let count = min(most, pending.count)
        bodyLength += count
        if keepsBody, body.count < ResponseParser.mostKept { body += pending.prefix(count) }
        pending.removeFirst(count)
        return count
    }

    private mutating func takeLine() throws(ProbeFailure) -> String? {
        guard let end = pending.firstIndex(of: UInt8(ascii: "\n")) else {
            guard pending.count <= ResponseParser.longestHead else {
                throw ProbeFailure("a line of the answer is longer than 64 KiB")
            }
            return nil
        }
        var line = pending[..<end]
        if line.last == UInt8(ascii: "\r") { line.removeLast() }
        let text = String(decoding: line, as: UTF8.self)
        pending.removeFirst(end + 1)
        return text
    }

    private mutating func takeHead() throws(ProbeFailure) -> Bool {
        guard let end = headEnd() else {
            guard pending.count <= ResponseParser.longestHead else {
                throw ProbeFailure("the headers of the answer are longer than 64 KiB")
            }
            return false
        }
        let head = String(decoding: pending[..<end], as: UTF8.self)
        pending.removeFirst(end)
        try read(head)
        // 100 Continue and its siblings come before the answer.
        if (100..<200).contains(code), code != 101 {
            headers = []
            return true
        }
        let isChunked = header("transfer-encoding").contains {
            $0.lowercased().split(separator: ",").last.map { $0.hasSuffix("chunked") } ?? false
        }
        if !isChunked, let length = header("content-length").first {
            guard let length = Int(length), length >= 0 else {
                throw ProbeFailure("content-length is '\(length.prefix(40))'")
            }
            announced = length
        }
        if hasNoBody || code == 204 || code == 304 {
            if code == 204 { announced = 0 }
            phase = .done
        } else if isChunked {
            phase = .chunkSize
        } else {
            phase = announced >= 0 ? .counted(announced) : .toEnd
        }
        return true
    }

    /// Behind the empty line.
    private func headEnd() -> Int? {
        var lineStart = 0
        for index in pending.indices where pending[index] == UInt8(ascii: "\n") {
            let length = index - lineStart
            if length == 0 || length == 1 && pending[lineStart] == UInt8(ascii: "\r") {
                return index + 1
            }
            lineStart = index + 1
        }
        return nil
    }

    private mutating func read(_ head: String) throws(ProbeFailure) {
        // "\r\n" is one Character, so lines are cut in scalars.
        let lines = head.unicodeScalars.split(separator: "\n").map { line in
            String(line.last == "\r" ? Substring(line.dropLast()) : Substring(line))
        }
        let words = (lines.first ?? "").split(separator: " ", maxSplits: 2)
        guard words.count >= 2, words[0].hasPrefix("HTTP/"),
            let version = Double(words[0].dropFirst(5)),
            words[1].count == 3, let code = Int(words[1])
        else { throw ProbeFailure("the answer is not HTTP") }
        self.version = version
        self.code = code
        for line in lines.dropFirst() where !line.isEmpty {
            guard let colon = line.firstIndex(of: ":") else {
                throw ProbeFailure("a header of the answer has no colon")
            }
            let value = line[line.index(after: colon)...]
            headers.append((line[..<colon].lowercased(), trimmed(value)))
        }
    }

    private func trimmed(_ text: Substring) -> String {
        var text = text
        while let first = text.first, first == " " || first == "\t" { text.removeFirst() }
        while let last = text.last, last == " " || last == "\t" { text.removeLast() }
        return String(text)
    }
}
