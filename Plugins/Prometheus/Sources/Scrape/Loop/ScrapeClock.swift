/// The timestamps of one target's scrapes: whole milliseconds of the wall clock.
///
/// They lie exactly one interval apart where the clock agrees within a tolerance, because databases
/// store that in almost no space. They never go back: while the wall clock is behind the last one,
/// each is a millisecond later than the one before.
struct ScrapeClock: Sendable {
    private let interval: UInt64
    private let tolerance: UInt64
    /// Where the ticks lie on the wall clock.
    private var aligned: UInt64?
    private var last: UInt64 = 0

    init(interval: UInt64) {
        self.interval = interval
        tolerance = min(2_000_000, interval / 100)
    }

    /// The timestamp of a scrape that begins now, in nanoseconds since 1970.
    mutating func timestamp(wall: UInt64) -> UInt64 {
        let now = wall - wall % ScrapeClock.millisecond
        var result = now
        if let aligned, wall >= aligned, interval >= ScrapeClock.millisecond {
            let tick = aligned + (wall - aligned) / interval * interval
            // Timers are late, never early.
            if wall - tick <= tolerance { result = tick }
        }
        // What missed its tick by more begins a new row of ticks.
        if result == now { aligned = now }
        result = max(result, last + ScrapeClock.millisecond)
        last = result
        return result
    }

    /// A moment that is neither before the last scrape nor at it: for what is said afterwards.
    mutating func after(wall: UInt64) -> UInt64 {
        last = max(wall - wall % ScrapeClock.millisecond, last + ScrapeClock.millisecond)
        return last
    }

    private static let millisecond: UInt64 = 1_000_000
}
