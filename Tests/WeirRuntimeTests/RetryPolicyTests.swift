import Testing

@testable import WeirRuntime

@Suite struct RetryPolicyTests {
    private let second: UInt64 = 1_000_000_000

    @Test(arguments: [
        // attempt, random, expected seconds: 5 s × 1.5 each time, ± half, at most 30 s.
        (1, 0.0, 2.5), (1, 0.5, 5.0), (1, 0.999_999, 7.5), (2, 0.5, 7.5), (3, 0.5, 11.25),
        (20, 0.5, 30.0), (20, 0.0, 15.0),
    ])
    func backsOff(attempt: Int, random: Double, expected: Double) {
        let decision = RetryPolicy().decide(attempt: attempt, elapsed: 0, hint: 0, random: random)
        guard case .wait(let nano) = decision else {
            Issue.record("gave up: \(decision)")
            return
        }
        #expect(abs(Double(nano) / 1e9 - expected) < 0.001)
    }

    @Test func neverWaitsShorterThanTheServerAsked() {
        let decision = RetryPolicy().decide(
            attempt: 1, elapsed: 0, hint: 60 * second, random: 0.5)
        #expect(decision == .wait(60 * second))
    }

    @Test func givesUpWhenTheNextAttemptWouldBeTooLate() {
        let policy = RetryPolicy()
        #expect(
            policy.decide(attempt: 9, elapsed: 290 * second, hint: 0, random: 0.5)
                == .giveUp("retry_exhausted"))
        #expect(
            policy.decide(attempt: 1, elapsed: 0, hint: 301 * second, random: 0.5)
                == .giveUp("retry_exhausted"))
    }

    @Test func zeroElapsedTimeIsForEver() {
        var policy = RetryPolicy()
        policy.maxElapsedTime = 0
        let decision = policy.decide(
            attempt: 1000, elapsed: 1_000_000 * second, hint: 0, random: 0.5)
        #expect(decision == .wait(30 * second))
    }

    @Test func disabledGivesUpAtOnce() {
        var policy = RetryPolicy()
        policy.enabled = false
        #expect(
            policy.decide(attempt: 1, elapsed: 0, hint: 0, random: 0) == .giveUp("retry_disabled"))
    }

    /// Whatever a plugin or a configuration says, the sums hold.
    @Test(arguments: [UInt64.max, UInt64(Int64.max), 86_400_000_000_001])
    func aHintIsHonouredForADayAtMost(_ hint: UInt64) {
        var policy = RetryPolicy()
        policy.maxElapsedTime = 0
        let decision = policy.decide(attempt: 1, elapsed: 1, hint: hint, random: 0)
        #expect(decision == .wait(86_400_000_000_000))
    }

    @Test func intervalsWithoutBoundDoNotOverflow() {
        var policy = RetryPolicy()
        let huge = UInt64(Int64.max)
        (policy.initialInterval, policy.maxInterval, policy.maxElapsedTime) = (huge, huge, huge)
        policy.randomizationFactor = 1
        let decision = policy.decide(attempt: 9, elapsed: huge, hint: huge, random: 0.999_999)
        #expect(decision == .giveUp("retry_exhausted"))
    }
}

@Suite struct QueueLimitsTests {
    @Test(arguments: [
        (QueueLimits.Sizer.requests, 3, true), (.requests, 2, false), (.items, 21, true),
        (.items, 20, false), (.bytes, 301, true), (.bytes, 300, false),
    ])
    func eachSizerCountsItsOwn(sizer: QueueLimits.Sizer, size: Int, fits: Bool) {
        var limits = QueueLimits()
        (limits.sizer, limits.size) = (sizer, size)
        var load = QueueLoad()
        load.add(items: 10, bytes: 200)
        load.add(items: 10, bytes: 100)
        #expect(limits.admits(items: 1, bytes: 1, beside: load) == fits)
    }

    @Test func theBoundInBytesAlwaysHolds() {
        var limits = QueueLimits()
        limits.maxBytes = 100
        var load = QueueLoad()
        load.add(items: 1, bytes: 60)
        #expect(limits.admits(items: 1, bytes: 40, beside: load))
        #expect(!limits.admits(items: 1, bytes: 41, beside: load))
    }

    @Test func anEmptyQueueTakesWhatIsLargerThanItself() {
        var limits = QueueLimits()
        (limits.sizer, limits.size, limits.maxBytes) = (.items, 1, 1)
        #expect(limits.admits(items: 100, bytes: 100, beside: QueueLoad()))
    }

    @Test func retryAfterFollowsTheDrainRate() {
        var rate = DrainRate()
        #expect(rate.retryAfterNano(bytes: 1_000_000) == 5_000_000_000)
        rate.delivered(bytes: 0, atNano: 1_000_000_000)
        rate.delivered(bytes: 1000, atNano: 2_000_000_000)
        // 1,000 bytes a second: a quarter of 40,000 takes ten seconds.
        #expect(rate.retryAfterNano(bytes: 40_000) == 10_000_000_000)
        #expect(rate.retryAfterNano(bytes: 1) == 1_000_000_000)
        #expect(rate.retryAfterNano(bytes: 1 << 40) == 30_000_000_000)
    }
}
