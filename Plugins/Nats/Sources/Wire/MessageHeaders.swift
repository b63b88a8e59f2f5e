package import WeirSDK

/// The headers of a message (NATS/1.0), and the status that servers put in front of them.
package struct MessageHeaders: Sendable, Equatable {
    private static let version = "NATS/1.0"

    /// 100, 404, 408, 409, 503; `nil` in messages of clients.
    package var status: Int?
    /// The words after the status.
    package var reason = ""
    package var fields: [Header] = []

    package init() {}

    package init(_ fields: [Header]) { self.fields = fields }

    /// The first value of this name, whatever the case of its letters.
    package subscript(_ name: String) -> String? {
        let name = name.lowercased()
        return fields.first { $0.name.lowercased() == name }?.value
    }

    /// Reads what lies between the line of HMSG and the payload.
    package init(parsing bytes: ArraySlice<UInt8>) throws(ComponentError) {
        let text = String(decoding: bytes, as: UTF8.self)
        // As bytes: CR LF is one Character.
        var lines = text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: true)
            .map { line in
                String(decoding: line, as: UTF8.self)
                    .trimming { $0 == "\r" || $0 == " " || $0 == "\t" }
            }[...]
        guard let first = lines.popFirst(), first.hasPrefix(Self.version) else {
            throw .refused("the headers of a message do not begin with \(Self.version)")
        }
        let words = first.dropFirst(Self.version.count).split(
            separator: " ", maxSplits: 1, omittingEmptySubsequences: true)
        if let word = words.first {
            guard let status = Int(word), (0...999).contains(status) else {
                throw .refused("the status of a message is \(word.prefix(20)): expected 404 or so")
            }
            self.status = status
            reason = words.count > 1 ? String(words[1]) : ""
        }
        for line in lines where !line.isEmpty {
            guard let colon = line.firstIndex(of: ":"), colon != line.startIndex else {
                throw .refused("a header of a message has no name: \(line.prefix(40))")
            }
            let value = line[line.index(after: colon)...]
            fields.append(
                Header(String(line[..<colon]), String(value).trimming { $0 == " " || $0 == "\t" }))
        }
    }

    /// As they stand before the payload; names and values have no line ends.
    package var bytes: [UInt8] {
        var text = Self.version + "\r\n"
        for field in fields { text += "\(field.name): \(field.value)\r\n" }
        return Array((text + "\r\n").utf8)
    }
}

extension String {
    fileprivate func trimming(_ isCut: (Character) -> Bool) -> String {
        let start = drop(while: isCut)
        guard let last = start.lastIndex(where: { !isCut($0) }) else { return "" }
        return String(start[...last])
    }
}
