import Testing

@testable import MemoryLimiterPlugin

struct MemoryGuardTests {
    private static let second: UInt64 = 1_000_000_000

    private func limits(_ hard: Int, _ soft: Int) throws -> MemoryLimits {
        var settings = MemoryLimiterSettings(checkInterval: .seconds(1))
        settings.limitMib = 1
        var limits = try MemoryLimits(settings) { 0 }
        limits.hard = hard
        limits.soft = soft
        return limits
    }

    /// Each reading and what follows from it: the soft limit itself refuses, below it is well.
    @Test func refusesFromTheSoftLimitOn() throws {
        var memory = MemoryGuard(try limits(100, 80))
        let readings: [(Int, MemoryGuard.Step, Bool)] = [
            (0, .none, false), (79, .none, false), (80, .refuse, true), (99, .none, true),
            (80, .none, true), (79, .resume, false), (79, .none, false),
        ]
        for (index, (resident, step, isRefusing)) in readings.enumerated() {
            #expect(memory.check(resident: resident, now: UInt64(index)) == step)
            #expect(memory.isRefusing == isRefusing)
        }
    }

    /// At the hard limit free memory is given back at most every 10 s; what then is left decides.
    @Test func trimsAtTheHardLimit() throws {
        var memory = MemoryGuard(try limits(100, 80))
        #expect(memory.check(resident: 100, now: 5 * Self.second) == .trim)
        #expect(memory.afterTrim(resident: 70) == .none)
        #expect(memory.check(resident: 120, now: 15 * Self.second - 1) == .refuse)
        #expect(memory.check(resident: 120, now: 15 * Self.second) == .trim)
        #expect(memory.afterTrim(resident: 90) == .none)
        #expect(memory.isRefusing)
        #expect(memory.check(resident: 130, now: 25 * Self.second) == .trim)
        #expect(memory.afterTrim(resident: 10) == .resume)
        #expect(!memory.isRefusing)
    }

    /// Whatever the readings, the guard refuses exactly while the last one is not below the soft
    /// limit, tells each change once, and trims not more often than it may.
    @Test(arguments: 0..<50)
    func holdsItsPromises(_ seed: Int) throws {
        var memory = MemoryGuard(try limits(100, 80))
        var random = UInt64(seed)
        var wasRefusing = false
        var lastTrim: UInt64?
        for tick in 0..<500 as Range<UInt64> {
            random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            var resident = Int((random >> 33) % 140)
            let now = tick * Self.second
            var step = memory.check(resident: resident, now: now)
            if step == .trim {
                #expect(resident >= 100)
                if let lastTrim { #expect(now - lastTrim >= 10 * Self.second) }
                lastTrim = now
                resident /= 2
                step = memory.afterTrim(resident: resident)
            }
            #expect(memory.isRefusing == (resident >= 80))
            let change: MemoryGuard.Step =
                memory.isRefusing == wasRefusing ? .none : memory.isRefusing ? .refuse : .resume
            #expect(step == change)
            wasRefusing = memory.isRefusing
        }
    }
}

struct MemoryLimitsTests {
    private static let mib = 1 << 20

    private func settings(
        _ limit: Int = 0, _ spike: Int = 0, percent: Int = 0, spikePercent: Int = 0
    ) -> MemoryLimiterSettings {
        MemoryLimiterSettings(
            checkInterval: .seconds(1), limitMib: limit, spikeLimitMib: spike,
            limitPercentage: percent, spikeLimitPercentage: spikePercent)
    }

    /// MiB win over percentages; a spike limit of 0 is a fifth of the hard limit.
    @Test(arguments: [
        (1000, 0, 0, 0, 1000, 800), (1000, 300, 0, 0, 1000, 700), (1000, 0, 50, 25, 1000, 800),
        (0, 0, 80, 25, 1600, 1100), (0, 0, 50, 0, 1000, 800), (0, 0, 100, 99, 2000, 20),
    ])
    func computes(
        _ limit: Int, _ spike: Int, _ percent: Int, _ spikePercent: Int, _ hard: Int, _ soft: Int
    ) throws {
        let limits = try MemoryLimits(
            settings(limit, spike, percent: percent, spikePercent: spikePercent)
        ) { 2000 * Self.mib }
        #expect(limits.hard == hard * Self.mib)
        #expect(limits.soft == soft * Self.mib)
    }
}
