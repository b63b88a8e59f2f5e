import Testing

@testable import weir_hsm_worker

/// Dates and names of certificates, from DER that is put together here.
struct CertificateValidityTests {
    static func element(_ tag: UInt8, _ content: [UInt8]) -> [UInt8] {
        let count = content.count
        let length: [UInt8] =
            count < 128 ? [UInt8(count)] : [0x82, UInt8(count >> 8), UInt8(count & 255)]
        return [tag] + length + content
    }

    static func sequence(_ parts: [UInt8]...) -> [UInt8] { element(0x30, Array(parts.joined())) }

    static func certificate(
        _ notBefore: [UInt8], _ notAfter: [UInt8], hasVersion: Bool = true
    ) -> [UInt8] {
        let name = sequence(
            element(
                0x31,
                sequence(element(0x06, [0x55, 0x04, 0x0a]), element(0x0c, Array("Weir".utf8)))),
            element(
                0x31,
                sequence(element(0x06, [0x55, 0x04, 0x03]), element(0x0c, Array("Grün".utf8)))))
        let fields = sequence(
            hasVersion ? element(0xa0, element(0x02, [2])) : [], element(0x02, [1, 2, 3]),
            sequence(element(0x06, [0x2a])), name, sequence(notBefore, notAfter), name,
            sequence(element(0x03, [UInt8](repeating: 7, count: 300))))
        return sequence(fields, sequence(element(0x06, [0x2a])), element(0x03, [0]))
    }

    static func utc(_ text: String) -> [UInt8] { element(0x17, Array(text.utf8)) }
    static func general(_ text: String) -> [UInt8] { element(0x18, Array(text.utf8)) }

    @Test(
        arguments: [
            (utc("700101000000Z"), 0), (utc("991231235959Z"), 946_684_799),
            (utc("000229120000Z"), 951_825_600), (utc("491231235959Z"), 2_524_607_999),
            (general("20500101000000Z"), 2_524_608_000),
            (general("99991231235959Z"), 253_402_300_799),
            (utc("261121114500Z"), 1_795_261_500),
        ] as [([UInt8], Int64)])
    func readsTimes(_ time: [UInt8], _ seconds: Int64) throws {
        let found = try #require(
            CertificateValidity(Self.certificate(Self.utc("700101000000Z"), time)))
        #expect(found.notAfter == seconds && found.notBefore == 0)
        #expect(found.commonName == "Grün")
        let old = CertificateValidity(
            Self.certificate(time, time, hasVersion: false))
        #expect(old?.notAfter == seconds)
    }

    @Test(arguments: [
        utc("261121114500"), utc("2611211145Z"), utc("261321114500Z"), utc("26112111450xZ"),
        general("261121114500Z"), element(0x0c, Array("261121114500Z".utf8)), [],
    ])
    func isNoTime(_ time: [UInt8]) {
        #expect(CertificateValidity(Self.certificate(Self.utc("700101000000Z"), time)) == nil)
    }

    /// Whatever is cut off or changed, nothing traps.
    @Test func takesNothingOnTrust() {
        let whole = Self.certificate(Self.utc("700101000000Z"), Self.utc("261121114500Z"))
        for count in 0..<whole.count { _ = CertificateValidity(Array(whole.prefix(count))) }
        var random = SystemRandomNumberGenerator()
        for _ in 0..<20_000 {
            var changed = whole
            for _ in 0..<3 {
                changed[Int.random(in: 0..<80, using: &random)] = UInt8.random(
                    in: 0...255, using: &random)
            }
            _ = CertificateValidity(changed)
        }
    }
}
