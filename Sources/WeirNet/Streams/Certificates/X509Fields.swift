/// What a certificate says (RFC 5280, 4.1).
package struct X509Fields: Sendable, Equatable {
    package var der: [UInt8]
    /// Seconds since 1970.
    package var notBefore: Int64
    package var notAfter: Int64
    /// RFC 2253.
    package var subject: String
    package var issuer: String
    /// Hexadecimal, lower case.
    package var serial: String
    package var dnsNames: [String] = []
    package var ipAddresses: [String] = []

    var isSelfSigned: Bool { subject == issuer }

    /// `nil`: this is no certificate.
    package init?(der: [UInt8]) {
        var outer = DERReader(der[...])
        guard var certificate = outer.next(DERTag.sequence)?.inner, outer.isAtEnd,
            var body = certificate.next(DERTag.sequence)?.inner
        else { return nil }
        _ = body.next(0xA0)  // the version
        guard let serial = body.next(DERTag.integer), body.next(DERTag.sequence) != nil,
            let issuer = body.next(DERTag.sequence),
            var validity = body.next(DERTag.sequence)?.inner,
            let begin = validity.next().flatMap(X509Time.seconds),
            let end = validity.next().flatMap(X509Time.seconds),
            let subject = body.next(DERTag.sequence), body.next(DERTag.sequence) != nil
        else { return nil }
        self.der = der
        notBefore = begin
        notAfter = end
        self.serial = Self.hex(serial.contents.drop { $0 == 0 })
        self.issuer = DistinguishedName.text(issuer)
        self.subject = DistinguishedName.text(subject)
        while let element = body.next() {
            if element.tag == 0xA3 { readExtensions(element.inner) }
        }
    }

    private mutating func readExtensions(_ reader: DERReader) {
        var reader = reader
        guard var list = reader.next(DERTag.sequence)?.inner else { return }
        while var entry = list.next(DERTag.sequence)?.inner {
            // subjectAltName
            guard entry.next(DERTag.oid)?.contents.elementsEqual([0x55, 0x1D, 0x11]) == true else {
                continue
            }
            _ = entry.next(0x01)  // critical
            guard var value = entry.next(DERTag.octets)?.inner,
                var names = value.next(DERTag.sequence)?.inner
            else { continue }
            while let name = names.next() {
                switch name.tag {
                case 0x82: dnsNames.append(String(decoding: name.contents, as: UTF8.self))
                case 0x87: ipAddresses.append(Self.address(Array(name.contents)))
                default: break
                }
            }
        }
    }

    private static func address(_ bytes: [UInt8]) -> String {
        if bytes.count == 4 { return bytes.map(String.init).joined(separator: ".") }
        guard bytes.count == 16 else { return hex(bytes[...]) }
        let groups = stride(from: 0, to: 16, by: 2).map {
            UInt16(bytes[$0]) << 8 | UInt16(bytes[$0 + 1])
        }
        // RFC 5952: the longest run of zeros, of two at least, becomes "::".
        var best = 0..<0
        var start = 0
        while start < 8 {
            let end = groups[start...].firstIndex { $0 != 0 } ?? 8
            if end - start > max(1, best.count) { best = start..<end }
            start = max(end, start) + 1
        }
        func text(_ range: Range<Int>) -> String {
            groups[range].map { String($0, radix: 16) }.joined(separator: ":")
        }
        return best.isEmpty
            ? text(0..<8) : text(0..<best.lowerBound) + "::" + text(best.upperBound..<8)
    }

    static func hex(_ bytes: ArraySlice<UInt8>) -> String {
        let digits = Array("0123456789abcdef")
        return String(bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
    }
}
