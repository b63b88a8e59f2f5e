import Glibc
import WeirSDK

/// How well the clock is kept, from adjtimex(2).
struct TimexCollector: Collector {
    let name = "timex"
    /// `TIME_ERROR`: the clock is not synchronised.
    private static let unsynchronised: Int32 = 5
    /// `STA_NANO`: small times are in nanoseconds.
    private static let inNanoseconds: Int32 = 0x2000
    /// Frequencies are parts per million, with 16 bits of fraction.
    private static let frequencyUnit = 65_536.0 * 1e6

    func collect(_ files: HostFiles, into metrics: inout Metrics) throws(CollectorFailure) {
        guard let clock = KernelClock() else {
            throw .noData("adjtimex: this system does not let it be asked")
        }
        let small = clock.status & TimexCollector.inNanoseconds != 0 ? 1e9 : 1e6
        let frequency = TimexCollector.frequencyUnit
        metrics.gauge(
            "node_timex_sync_status", help: "1: the clock is synchronised.",
            clock.state == TimexCollector.unsynchronised ? 0 : 1)
        let gauges: [(name: String, help: String, value: Double)] = [
            ("offset_seconds", "From the reference clock.", Double(clock.offset) / small),
            (
                "frequency_adjustment_ratio", "Rate of the clock, 1 without adjustment.",
                1 + Double(clock.frequency) / frequency
            ),
            ("maxerror_seconds", "Largest error.", Double(clock.maximumError) / 1e6),
            ("estimated_error_seconds", "Estimated error.", Double(clock.estimatedError) / 1e6),
            ("status", "Bits of the clock's status.", Double(clock.status)),
            ("loop_time_constant", "Of the phase-locked loop.", Double(clock.constant)),
            ("tick_seconds", "Between two ticks of the clock.", Double(clock.tick) / 1e6),
            ("pps_frequency_hertz", "Pulse per second.", Double(clock.pulseFrequency) / frequency),
            ("pps_jitter_seconds", "Jitter of the pulse.", Double(clock.jitter) / small),
            ("pps_shift_seconds", "Interval of the pulse.", Double(clock.shift)),
            (
                "pps_stability_hertz", "Average of the last changes of frequency.",
                Double(clock.stability) / frequency
            ),
            ("tai_offset_seconds", "From International Atomic Time.", Double(clock.tai)),
        ]
        for gauge in gauges {
            metrics.gauge("node_timex_\(gauge.name)", help: gauge.help, gauge.value)
        }
        let counters = [
            ("pps_jitter_total", "Pulses beyond the limit of jitter.", clock.jitterCount),
            ("pps_calibration_total", "Intervals of calibration.", clock.calibrationCount),
            ("pps_error_total", "Errors of calibration.", clock.errorCount),
            (
                "pps_stability_exceeded_total", "Changes beyond the limit of stability.",
                clock.stabilityCount
            ),
        ]
        for (name, help, value) in counters {
            metrics.counter("node_timex_\(name)", help: help, Double(value))
        }
    }
}

/// What adjtimex(2) fills in: `struct timex` of 64-bit Linux, which no module of Swift has.
struct KernelClock {
    private static let size = 208
    private let words: [UInt64]
    let state: Int32

    /// `nil` if the call is not allowed, as under some seccomp profiles.
    init?() {
        guard let symbol = unsafe dlsym(nil, "adjtimex") else { return nil }
        let call = unsafe unsafeBitCast(
            symbol, to: (@convention(c) (UnsafeMutableRawPointer) -> Int32).self)
        // Modes, the first field, 0: only read.
        var words = [UInt64](repeating: 0, count: KernelClock.size / 8)
        state = unsafe words.withUnsafeMutableBytes { unsafe call($0.baseAddress!) }
        guard state >= 0 else { return nil }
        self.words = words
    }

    private func long(_ offset: Int) -> Int64 { Int64(bitPattern: words[offset / 8]) }
    private func int(_ offset: Int) -> Int32 {
        let word = words[offset / 8]
        #if _endian(little)
            return Int32(truncatingIfNeeded: word)
        #else
            return Int32(truncatingIfNeeded: word >> 32)
        #endif
    }

    var offset: Int64 { long(8) }
    var frequency: Int64 { long(16) }
    var maximumError: Int64 { long(24) }
    var estimatedError: Int64 { long(32) }
    var status: Int32 { int(40) }
    var constant: Int64 { long(48) }
    var tick: Int64 { long(88) }
    var pulseFrequency: Int64 { long(96) }
    var jitter: Int64 { long(104) }
    var shift: Int32 { int(112) }
    var stability: Int64 { long(120) }
    var jitterCount: Int64 { long(128) }
    var calibrationCount: Int64 { long(136) }
    var errorCount: Int64 { long(144) }
    var stabilityCount: Int64 { long(152) }
    var tai: Int32 { int(160) }
}
