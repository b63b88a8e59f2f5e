/// Decides from one reading after the other whether batches are refused. A pure value: it is told
/// the time and does nothing itself.
struct MemoryGuard: Sendable {
    static let trimInterval: UInt64 = 10_000_000_000

    let limits: MemoryLimits
    private(set) var isRefusing = false
    private var lastTrim: UInt64?

    init(_ limits: MemoryLimits) { self.limits = limits }

    enum Step: Equatable {
        /// Nothing changes.
        case none
        /// Give free memory back to the system, read again, and pass that to `afterTrim`.
        case trim
        /// Refuse from now on.
        case refuse
        /// Take batches again.
        case resume
    }

    /// - Parameters:
    ///   - resident: bytes of resident memory.
    ///   - now: nanoseconds on a clock that only goes forward.
    mutating func check(resident: Int, now: UInt64) -> Step {
        if resident >= limits.hard, lastTrim.map({ now &- $0 >= Self.trimInterval }) ?? true {
            lastTrim = now
            return .trim
        }
        return decide(resident)
    }

    mutating func afterTrim(resident: Int) -> Step { decide(resident) }

    private mutating func decide(_ resident: Int) -> Step {
        let mustRefuse = resident >= limits.soft
        guard mustRefuse != isRefusing else { return .none }
        isRefusing = mustRefuse
        return mustRefuse ? .refuse : .resume
    }
}
