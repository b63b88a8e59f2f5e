/// A message of the Domain Name System (RFC 1035): what the probe asks, and what it is answered.
struct DNSMessage {
    static let types: [String: UInt16] = [
        "A": 1, "NS": 2, "CNAME": 5, "SOA": 6, "PTR": 12, "HINFO": 13, "MX": 15, "TXT": 16,
        "AAAA": 28, "SRV": 33, "NAPTR": 35, "DS": 43, "RRSIG": 46, "DNSKEY": 48, "TLSA": 52,
        "SVCB": 64, "HTTPS": 65, "ANY": 255, "CAA": 257,
    ]
    static let classes: [String: UInt16] = ["IN": 1, "CH": 3, "HS": 4, "NONE": 254, "ANY": 255]
    static let codes = [
        "NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED", "YXDOMAIN", "YXRRSET",
        "NXRRSET", "NOTAUTH", "NOTZONE",
    ]

    struct Record: Equatable {
        var type: UInt16
        /// As in a zone file: `example.org.\t300\tIN\tA\t192.0.2.1`.
        var text: String
        /// Of an SOA.
        var serial: UInt32?
    }

    var id: UInt16
    var isAnswer: Bool
    var isTruncated: Bool
    var code: Int
    var answer: [Record] = []
    var authority: [Record] = []
    var additional: [Record] = []

    var codeName: String {
        DNSMessage.codes.indices.contains(code) ? DNSMessage.codes[code] : "\(code)"
    }

    /// A question; `nil` if the name cannot be one.
    static func query(
        id: UInt16, name: String, type: UInt16, class queryClass: UInt16, recursion: Bool
    ) -> [UInt8]? {
        var bytes: [UInt8] = []
        func add(_ word: UInt16) { bytes += [UInt8(word >> 8), UInt8(word & 255)] }
        add(id)
        add(recursion ? 0x0100 : 0)
        for count: UInt16 in [1, 0, 0, 0] { add(count) }
        for label in name.split(separator: ".") {
            guard label.utf8.count <= 63 else { return nil }
            bytes.append(UInt8(label.utf8.count))
            bytes += Array(label.utf8)
        }
        bytes.append(0)
        guard bytes.count - 12 <= 255 else { return nil }
        add(type)
        add(queryClass)
        return bytes
    }

    /// Throws for what is no message, or is cut off.
    init(_ bytes: [UInt8]) throws(ProbeFailure) {
        var reader = DNSReader(bytes)
        id = try reader.word()
        let flags = try reader.word()
        isAnswer = flags & 0x8000 != 0
        isTruncated = flags & 0x0200 != 0
        code = Int(flags & 15)
        let questions = try reader.word()
        let counts = [try reader.word(), try reader.word(), try reader.word()]
        for _ in 0..<questions {
            _ = try reader.name()
            _ = try reader.word()
            _ = try reader.word()
        }
        for _ in 0..<counts[0] { answer.append(try reader.record()) }
        for _ in 0..<counts[1] { authority.append(try reader.record()) }
        for _ in 0..<counts[2] { additional.append(try reader.record()) }
    }
}
