import Testing

@testable import PrometheusPlugin

struct ScheduleTests {
    private let second: UInt64 = 1_000_000_000

    /// Whatever the wall clock says at the start, the first tick lies within one interval, at the
    /// same offset of the wall clock's intervals.
    @Test(arguments: [1_000_000, 250_000_000, 15_000_000_000, 60_000_000_000, 7_777_777_777])
    func offsetsAreStableOverRestarts(_ interval: UInt64) {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<2000 {
            let seed = random.next() as UInt64
            let walls = (0..<2).map { _ in UInt64.random(in: 1 << 60..<(1 << 61)) }
            let ticks = walls.map { wall in
                let monotonic = UInt64.random(in: 0..<(1 << 50))
                let schedule = Schedule(
                    interval: interval, seed: seed, wall: wall, monotonic: monotonic)
                #expect(schedule.due >= monotonic && schedule.due < monotonic + interval)
                return (wall + schedule.due - monotonic) % interval
            }
            #expect(ticks[0] == seed % interval && ticks[1] == ticks[0])
        }
    }

    /// Timers that are late by anything: never two ticks in one interval, never off the grid.
    @Test func neverTwiceInAnIntervalAndNoDrift() {
        for _ in 0..<500 {
            let interval = UInt64.random(in: 1_000_000..<60_000_000_000)
            var schedule = Schedule(
                interval: interval, seed: .random(in: 0 ... .max), wall: 1 << 60, monotonic: 0)
            let first = schedule.due
            var now = first
            var fired: [UInt64] = []
            var missed = 0
            for _ in 0..<50 {
                fired.append((now - first) / interval)
                #expect(schedule.due <= now)
                missed += schedule.advance(now: now)
                #expect(schedule.due > now && schedule.due <= now + interval)
                #expect((schedule.due - first) % interval == 0)
                let late = Bool.random() ? 0 : UInt64.random(in: 0..<(interval * 3))
                now = schedule.due + late
            }
            #expect(Set(fired).count == fired.count)
            #expect(fired.last! == UInt64(fired.count - 1 + missed))
        }
    }

    @Test func targetsSpreadOverTheInterval() {
        let interval = 15 * second
        var buckets = [Int](repeating: 0, count: 15)
        for index in 0..<3000 {
            var hash = StableHash()
            hash.add("10.0.\(index / 256).\(index % 256):9100")
            let schedule = Schedule(
                interval: interval, seed: hash.value, wall: 0, monotonic: 0)
            buckets[Int(schedule.due / second)] += 1
        }
        // 200 are expected in each second, with a deviation of 14.
        #expect(buckets.allSatisfy { $0 > 130 && $0 < 270 }, "\(buckets)")
    }

    /// The hash decides offsets of configurations that run already: it must not change.
    @Test func hashIsPinned() {
        var hash = StableHash()
        hash.add("a")
        hash.add("bc")
        var other = StableHash()
        other.add("ab")
        other.add("c")
        #expect(hash.value != other.value)
        #expect(StableHash().value == 17_280_346_270_528_514_342)
    }

    // MARK: Timestamps

    @Test func timestampsKeepToTheirTicks() {
        let interval = 15 * second
        var clock = ScrapeClock(interval: interval)
        let start: UInt64 = 1_735_689_600_123_000_000
        var stamps: [UInt64] = []
        for index in 0..<100 {
            let late = UInt64.random(in: 0..<2_000_000)
            stamps.append(
                clock.timestamp(wall: start + UInt64(index) * interval + (index == 0 ? 0 : late)))
        }
        #expect(stamps == (0..<100).map { start + UInt64($0) * interval })
    }

    @Test func timestampsFollowWhatIsReallyLate() {
        var clock = ScrapeClock(interval: 15 * second)
        let start: UInt64 = 1_735_689_600_000_000_000
        #expect(clock.timestamp(wall: start) == start)
        let late = start + 15 * second + 40_000_000
        #expect(clock.timestamp(wall: late) == late)
        // The row goes on from there.
        #expect(clock.timestamp(wall: late + 15 * second + 1_900_000) == late + 15 * second)
    }

    /// Jumps of the wall clock, forward and back, by anything.
    @Test func timestampsNeverGoBack() {
        for _ in 0..<200 {
            let interval = UInt64.random(in: 100_000_000..<60_000_000_000)
            var clock = ScrapeClock(interval: interval)
            var wall: UInt64 = 1_735_689_600_000_000_000
            var last: UInt64 = 0
            for _ in 0..<200 {
                let stamp = clock.timestamp(wall: wall)
                #expect(stamp > last)
                #expect(
                    stamp % 1_000_000 == 0 || stamp == last + 1_000_000 || interval % 1_000_000 != 0
                )
                last = stamp
                wall += interval
                switch Int.random(in: 0..<20) {
                case 0: wall += UInt64.random(in: 0..<(3600 * second))
                case 1: wall -= UInt64.random(in: 0..<(3600 * second))
                default: break
                }
            }
            // It is back on the wall clock as soon as that has caught up.
            #expect(clock.timestamp(wall: wall + 86_400 * second) >= wall + 86_399 * second)
        }
    }
}
