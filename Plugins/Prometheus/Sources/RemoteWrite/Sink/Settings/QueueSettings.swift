import WeirSDK

/// Prometheus' `queue_config`.
struct QueueSettings: Decodable, Sendable {
    var minShards = 1
    var maxShards = 50
    var maxSamplesPerSend = 2000
    var batchSendDeadline = Duration.seconds(5)
    var minBackoff: Duration?
    var maxBackoff: Duration?
    var retryOn429 = true
    /// 0: no limit.
    var sampleAgeLimit = Duration.zero

    private enum Keys: String, CodingKey {
        case capacity, minShards, maxShards, maxSamplesPerSend, batchSendDeadline, minBackoff
        case maxBackoff, sampleAgeLimit
        case retryOn429 = "retry_on_http_429"
    }

    init() {}

    init(from decoder: any Decoder) throws {
        let own = try decoder.container(keyedBy: Keys.self)
        // What waits is bounded by the sending queue.
        _ = try own.decodeIfPresent(Int.self, forKey: .capacity)
        maxShards = max(1, try own.decodeIfPresent(Int.self, forKey: .maxShards) ?? maxShards)
        minShards = max(1, try own.decodeIfPresent(Int.self, forKey: .minShards) ?? minShards)
        minShards = min(minShards, maxShards)
        maxSamplesPerSend = max(
            1, try own.decodeIfPresent(Int.self, forKey: .maxSamplesPerSend) ?? maxSamplesPerSend)
        batchSendDeadline =
            try own.decodeIfPresent(Duration.self, forKey: .batchSendDeadline) ?? batchSendDeadline
        minBackoff = try own.decodeIfPresent(Duration.self, forKey: .minBackoff)
        maxBackoff = try own.decodeIfPresent(Duration.self, forKey: .maxBackoff)
        retryOn429 = try own.decodeIfPresent(Bool.self, forKey: .retryOn429) ?? true
        sampleAgeLimit =
            try own.decodeIfPresent(Duration.self, forKey: .sampleAgeLimit) ?? sampleAgeLimit
    }
}

/// The Collector's `remote_write_queue`.
struct SenderSettings: Decodable, Sendable {
    var enabled: Bool?
    var queueSize: Int?
    var numConsumers: Int?
}

/// When a request that failed is sent again; the Collector's `retry_on_failure`.
struct RetrySettings: Decodable, Sendable {
    var enabled = true
    var initialInterval = Duration.milliseconds(50)
    var multiplier = 1.5
    var randomizationFactor = 0.5
    var maxInterval = Duration.seconds(30)
    /// 0: never given up.
    var maxElapsedTime = Duration.seconds(300)

    private enum Keys: CodingKey {
        case enabled, initialInterval, multiplier, randomizationFactor, maxInterval, maxElapsedTime
    }

    init() {}

    init(from decoder: any Decoder) throws {
        let own = try decoder.container(keyedBy: Keys.self)
        enabled = try own.decodeIfPresent(Bool.self, forKey: .enabled) ?? enabled
        initialInterval =
            try own.decodeIfPresent(Duration.self, forKey: .initialInterval) ?? initialInterval
        multiplier = max(1, try own.decodeIfPresent(Double.self, forKey: .multiplier) ?? multiplier)
        let factor = try own.decodeIfPresent(Double.self, forKey: .randomizationFactor)
        randomizationFactor = min(max(factor ?? randomizationFactor, 0), 1)
        maxInterval = try own.decodeIfPresent(Duration.self, forKey: .maxInterval) ?? maxInterval
        maxElapsedTime =
            try own.decodeIfPresent(Duration.self, forKey: .maxElapsedTime) ?? maxElapsedTime
    }

    /// Prometheus' keys, where they are given, count more: it doubles, and does not spread.
    mutating func adopt(_ queue: QueueSettings) {
        guard queue.minBackoff != nil || queue.maxBackoff != nil else { return }
        (multiplier, randomizationFactor) = (2, 0)
        if let minimum = queue.minBackoff { initialInterval = minimum }
        if let maximum = queue.maxBackoff { maxInterval = maximum }
    }

    /// The wait before the next attempt, in nanoseconds.
    ///
    /// - Parameters:
    ///   - attempt: how many have failed, from 1.
    ///   - hint: what the other side asked for; never waited shorter, and at most an hour.
    ///   - random: from 0 up to 1.
    func delay(attempt: Int, hint: Duration?, random: Double) -> UInt64 {
        let maximum = Double(maxInterval.clampedNanoseconds)
        var interval = Double(initialInterval.clampedNanoseconds)
        for _ in 1..<max(attempt, 1) where interval < maximum { interval *= multiplier }
        interval = min(interval, maximum)
        interval += interval * randomizationFactor * (2 * random - 1)
        let asked = min(hint?.clampedNanoseconds ?? 0, 3_600_000_000_000)
        return max(UInt64(min(max(interval, 1_000_000), 1e18)), asked)
    }
}
