import Testing
import WeirSDK

struct CalendarTimeTests {
    @Test(
        arguments: [
            ("2026-11-21T10:00:00Z", 1_795_255_200_000_000_000),
            ("2026-11-21t10:00:00.5z", 1_795_255_200_500_000_000),
            ("2026-11-21T10:00:00.123456789Z", 1_795_255_200_123_456_789),
            ("2026-11-21T12:00:00+02:00", 1_795_255_200_000_000_000),
            ("2026-11-21T04:30:00-05:30", 1_795_255_200_000_000_000),
            ("1970-01-01T00:00:00Z", 0), ("1970-01-01T00:00:00+00:01", nil),
            ("2553-12-31T23:59:59-23:59", nil), ("1969-12-31T23:59:59Z", nil), ("soon", nil),
            ("", nil), ("2026-11-21T10:00:00", nil), ("2026-11-21T10:00:00Zx", nil),
            ("2026-11-21T10:00:00.Z", nil), ("2026-11-21T10:00:00.5", nil),
            ("2026-13-21T10:00:00Z", nil), ("2026-11-21T24:00:00Z", nil),
            ("2026-11-21T10:00:00+0200", nil), ("+026-11-21T10:00:00Z", nil),
            ("2026-11-21 10:00:00Z", nil),
        ] as [(String, UInt64?)])
    func reads(_ text: String, _ nanoseconds: UInt64?) {
        #expect(CalendarTime(rfc3339: text)?.unixNanoseconds == nanoseconds)
    }

    @Test(arguments: [0, 1, 951_782_400_000_000_000, 1_795_255_200_123_000_000] as [UInt64])
    func readsWhatItWrites(_ nanoseconds: UInt64) {
        let text = CalendarTime(unixNanoseconds: nanoseconds).rfc3339
        #expect(CalendarTime(rfc3339: text)?.unixNanoseconds == nanoseconds)
    }

    @Test(
        arguments: [
            (1970, 1, 1, 0), (1950, 1, 1, -631_152_000), (2000, 2, 29, 951_782_400),
            (1, 1, 1, -62_135_596_800), (9999, 12, 31, 253_402_214_400), (0, 1, 1, nil),
            (10_000, 1, 1, nil), (2000, 13, 1, nil),
        ] as [(Int, Int, Int, Int64?)])
    func countsSeconds(_ year: Int, _ month: Int, _ day: Int, _ seconds: Int64?) {
        #expect(CalendarTime(year: year, month: month, day: day).unixSeconds == seconds)
    }
}
