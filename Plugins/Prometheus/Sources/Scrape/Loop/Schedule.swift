/// When a target is scraped: once in each interval, at a fixed offset into it.
///
/// The offset is taken from the wall clock once, so that restarts keep it; from then on only the
/// monotonic clock counts, so that a jump of the wall clock moves nothing.
struct Schedule: Sendable, Equatable {
    /// Nanoseconds.
    let interval: UInt64
    /// The next tick, on the monotonic clock.
    private(set) var due: UInt64

    /// - Parameter seed: what decides the offset: the target's hash, mixed with the host's name.
    init(interval: UInt64, seed: UInt64, wall: UInt64, monotonic: UInt64) {
        let offset = seed % interval
        let phase = wall % interval
        self.interval = interval
        due = monotonic + (offset >= phase ? offset - phase : interval - phase + offset)
    }

    /// Goes to the next tick that lies ahead.
    ///
    /// - Returns: how many ticks were passed over because it is too late for them.
    mutating func advance(now: UInt64) -> Int {
        due += interval
        guard due <= now else { return 0 }
        let missed = (now - due) / interval + 1
        due += missed * interval
        return Int(clamping: missed)
    }
}
