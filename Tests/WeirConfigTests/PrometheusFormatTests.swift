import Testing
import WeirConfig

@Suite struct PrometheusFormatTests {
    @Test(
        arguments: [
            ("0", 0), ("15s", 15_000), ("1m", 60_000), ("1h30m", 5_400_000), ("500ms", 500),
            ("1d", 86_400_000), ("2w", 1_209_600_000), ("1y", 31_536_000_000), ("0s", 0),
            ("1y2w3d4h5m6s7ms", 33_019_506_007),
        ] as [(String, Int64)]) func durations(_ text: String, _ milliseconds: Int64)
    {
        #expect(parsePrometheusDuration(text) == milliseconds * 1_000_000)
    }

    @Test(arguments: [
        "", "-1s", "1", "s", "1x", "1.5s", "1m1h", "1s1s", "1 s", " 1s", "1ns", "1us", "300y", "٣s",
        "1ms1s", "99999999999999999999s", "+1s",
    ]) func notDurations(_ text: String) {
        #expect(parsePrometheusDuration(text) == nil)
    }
}
