/// What an X.509 certificate says of its life and its name (RFC 5280, section 4.1), read from DER.
struct CertificateValidity: Equatable {
    /// Seconds since 1970.
    var notBefore: Int64
    var notAfter: Int64
    /// The subject's common name; empty if it has none.
    var commonName = ""

    init?(_ der: [UInt8]) {
        // Certificate ::= SEQUENCE { tbsCertificate SEQUENCE { version, serial, algorithm, issuer,
        // validity, subject, ... }, ... }
        var outer = DER(der[...])
        guard var certificate = outer.enter(0x30), var fields = certificate.enter(0x30) else {
            return nil
        }
        if fields.peek == 0xa0 { _ = fields.next() }  // the version
        guard fields.next(0x02) != nil, fields.next(0x30) != nil, fields.next(0x30) != nil,
            var validity = fields.enter(0x30),
            let from = CertificateValidity.time(validity.next()),
            let until = CertificateValidity.time(validity.next())
        else { return nil }
        notBefore = from
        notAfter = until
        if var subject = fields.enter(0x30) {
            while var set = subject.enter(0x31) {
                while var pair = set.enter(0x30) {
                    // 2.5.4.3
                    guard let type = pair.next(0x06), Array(type) == [0x55, 0x04, 0x03],
                        let value = pair.next()
                    else { continue }
                    commonName = String(decoding: value.content, as: UTF8.self)
                }
            }
        }
    }

    /// UTCTime `YYMMDDHHMMSSZ`, GeneralizedTime `YYYYMMDDHHMMSSZ`.
    private static func time(_ element: (tag: UInt8, content: ArraySlice<UInt8>)?) -> Int64? {
        guard let element else { return nil }
        let digits = element.content.prefix { $0 >= 0x30 && $0 <= 0x39 }.map { Int64($0) - 0x30 }
        guard digits.count + 1 == element.content.count, element.content.last == 0x5a else {
            return nil
        }
        func number(_ range: Range<Int>) -> Int64 { digits[range].reduce(0) { $0 * 10 + $1 } }
        let start: Int
        var year: Int64
        switch (element.tag, digits.count) {
        case (0x17, 12):
            start = 2
            year = number(0..<2)
            year += year < 50 ? 2000 : 1900
        case (0x18, 14):
            start = 4
            year = number(0..<4)
        default: return nil
        }
        func pair(_ index: Int) -> Int64 { number(start + 2 * index..<start + 2 * index + 2) }
        let (month, day) = (pair(0), pair(1))
        guard (1...12).contains(month), (1...31).contains(day) else { return nil }
        return days(year, month, day) * 86400 + pair(2) * 3600 + pair(3) * 60 + pair(4)
    }

    /// Days from 1970-01-01, by the count of days in eras of 400 years.
    private static func days(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        let shifted = month <= 2 ? year - 1 : year
        let era = (shifted >= 0 ? shifted : shifted - 399) / 400
        let ofEra = shifted - era * 400
        let ofYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        return era * 146_097 + ofEra * 365 + ofEra / 4 - ofEra / 100 + ofYear - 719_468
    }
}

/// Elements of DER, one after the other. What does not hold together ends it.
private struct DER {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

    var peek: UInt8? { rest.first }

    mutating func next() -> (tag: UInt8, content: ArraySlice<UInt8>)? {
        guard rest.count >= 2, let tag = rest.popFirst(), let first = rest.popFirst() else {
            return nil
        }
        var length = Int(first)
        if first & 0x80 != 0 {
            let count = Int(first & 0x7f)
            guard (1...4).contains(count), rest.count >= count else { return nil }
            length = 0
            for _ in 0..<count { length = length << 8 | Int(rest.popFirst()!) }
        }
        guard rest.count >= length else { return nil }
        let content = rest.prefix(length)
        rest = rest.dropFirst(length)
        return (tag, content)
    }

    mutating func next(_ tag: UInt8) -> ArraySlice<UInt8>? {
        guard peek == tag else { return nil }
        return next()?.content
    }

    mutating func enter(_ tag: UInt8) -> DER? { next(tag).map { DER($0) } }
}
