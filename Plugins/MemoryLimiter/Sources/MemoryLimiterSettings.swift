import WeirSDK

/// The settings of `memory_limiter`; the schema fills in the defaults.
struct MemoryLimiterSettings: Decodable, Sendable {
    var checkInterval: Duration
    var limitMib = 0
    var spikeLimitMib = 0
    var limitPercentage = 0
    var spikeLimitPercentage = 0
    /// These two are read so that a Collector's file runs; nothing here collects garbage.
    var minGcIntervalWhenSoftLimited = Duration.seconds(10)
    var minGcIntervalWhenHardLimited = Duration.zero
}

/// The limits that settings mean, in bytes.
struct MemoryLimits: Sendable, Equatable {
    /// From here on the process is asked to give memory back.
    var hard: Int
    /// From here on batches are refused.
    var soft: Int

    /// - Parameter available: the memory that the process may have; asked for percentages only.
    init(
        _ settings: MemoryLimiterSettings, available: () throws(ComponentError) -> Int
    ) throws(ComponentError) {
        guard settings.checkInterval > .zero else {
            throw .invalid(
                "check_interval: found \(settings.checkInterval), expected more than 0: use 1s")
        }
        // The schema says so, too; but another host may not have read it.
        for (name, value, most) in [
            ("limit_mib", settings.limitMib, Int.max >> 20),
            ("spike_limit_mib", settings.spikeLimitMib, Int.max >> 20),
            ("limit_percentage", settings.limitPercentage, 100),
            ("spike_limit_percentage", settings.spikeLimitPercentage, 100),
        ] where value < 0 || value > most {
            throw .invalid("\(name): found \(value), expected 0 to \(most)")
        }
        let spike: Int
        if settings.limitMib > 0 {
            try Self.compare(
                settings.spikeLimitMib, "spike_limit_mib", settings.limitMib, "limit_mib")
            hard = settings.limitMib.mebibytes
            spike = settings.spikeLimitMib.mebibytes
        } else if settings.limitPercentage > 0 {
            try Self.compare(
                settings.spikeLimitPercentage, "spike_limit_percentage", settings.limitPercentage,
                "limit_percentage")
            let total = try available()
            hard = settings.limitPercentage.percent(of: total)
            spike = settings.spikeLimitPercentage.percent(of: total)
        } else {
            throw .invalid(
                "found neither limit_mib nor limit_percentage, expected one of them above 0: set "
                    + "limit_percentage: 80, or limit_mib to what the process may use")
        }
        soft = hard - (spike > 0 ? spike : hard / 5)
    }

    private static func compare(
        _ spike: Int, _ spikeName: String, _ limit: Int, _ limitName: String
    ) throws(ComponentError) {
        guard spike < limit else {
            throw .invalid(
                "found \(spikeName) \(spike) and \(limitName) \(limit), expected \(spikeName) to be "
                    + "the smaller: nothing would be taken; a fifth of \(limitName) is usual")
        }
    }
}

extension Int {
    fileprivate var mebibytes: Int { self << 20 }

    fileprivate func percent(of total: Int) -> Int { total / 100 * self + total % 100 * self / 100 }
}
