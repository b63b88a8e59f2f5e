import WeirTelemetry

/// Reads a message of the Domain Name System, trusting nothing in it.
struct DNSReader {
    private let bytes: [UInt8]
    private var position = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    mutating func byte() throws(ProbeFailure) -> UInt8 {
        guard position < bytes.count else { throw ProbeFailure("the DNS answer is cut off") }
        defer { position += 1 }
        return bytes[position]
    }

    mutating func word() throws(ProbeFailure) -> UInt16 {
        let high = try byte()
        return UInt16(high) << 8 | UInt16(try byte())
    }

    mutating func long() throws(ProbeFailure) -> UInt32 {
        let high = try word()
        return UInt32(high) << 16 | UInt32(try word())
    }

    /// With a final dot.
    mutating func name() throws(ProbeFailure) -> String {
        var text = ""
        var end: Int?
        // Pointers only lead back, so each must be before the last.
        var limit = position
        while true {
            let length = try byte()
            switch length >> 6 {
            case 0:
                if length == 0 {
                    if let end { position = end }
                    return text.isEmpty ? "." : text
                }
                for _ in 0..<length { text += DNSReader.escaped(try byte(), in: ".") }
                text += "."
                guard text.utf8.count <= 1024 else {
                    throw ProbeFailure("a name in the DNS answer is too long")
                }
            case 3:
                let target = Int(length & 63) << 8 | Int(try byte())
                if end == nil { end = position }
                guard target < limit else {
                    throw ProbeFailure("a name in the DNS answer leads nowhere")
                }
                limit = target
                position = target
            default: throw ProbeFailure("a name in the DNS answer is malformed")
            }
        }
    }

    mutating func record() throws(ProbeFailure) -> DNSMessage.Record {
        let owner = try name()
        let type = try word()
        let recordClass = try word()
        let lifetime = try long()
        let length = Int(try word())
        guard position + length <= bytes.count else {
            throw ProbeFailure("the DNS answer is cut off")
        }
        let end = position + length
        var serial: UInt32?
        let data = try text(type, end, &serial)
        guard position <= end else { throw ProbeFailure("a record of the DNS answer is too short") }
        position = end
        let typeName = DNSMessage.types.first { $0.value == type }?.key ?? "TYPE\(type)"
        let className =
            DNSMessage.classes.first { $0.value == recordClass }?.key ?? "CLASS\(recordClass)"
        return DNSMessage.Record(
            type: type, text: "\(owner)\t\(lifetime)\t\(className)\t\(typeName)\t\(data)",
            serial: serial)
    }

    private mutating func text(
        _ type: UInt16, _ end: Int, _ serial: inout UInt32?
    ) throws(ProbeFailure) -> String {
        switch type {
        case 1 where end - position == 4, 28 where end - position == 16:
            return IPAddress(Array(bytes[position..<end])).text
        case 2, 5, 12: return try name()
        case 6:
            let server = try name()
            let mailbox = try name()
            let numbers = [try long(), try long(), try long(), try long(), try long()]
            serial = numbers[0]
            return ([server, mailbox] + numbers.map { "\($0)" }).joined(separator: " ")
        case 15:
            let preference = try word()
            return "\(preference) \(try name())"
        case 16:
            var texts: [String] = []
            while position < end {
                var text = ""
                for _ in 0..<(try byte()) { text += DNSReader.escaped(try byte(), in: "\"") }
                texts.append("\"\(text)\"")
            }
            return texts.joined(separator: " ")
        case 33:
            let numbers = [try word(), try word(), try word()]
            return (numbers.map { "\($0)" } + [try name()]).joined(separator: " ")
        default:
            // RFC 3597: what is not known.
            let data = Array(bytes[position..<end])
            return "\\# \(data.count) \(data.hex)"
        }
    }

    private static func escaped(_ byte: UInt8, in special: String) -> String {
        let character = Character(UnicodeScalar(byte))
        if special.contains(character) || byte == UInt8(ascii: "\\") { return "\\\(character)" }
        if byte > 32 && byte < 127 || byte == 32 && special == "\"" { return String(character) }
        let digits = "\(byte)"
        return "\\" + String(repeating: "0", count: 3 - digits.count) + digits
    }
}
