/// Lets the first few messages of each second through, and then every n-th.
///
/// A second begins with the first message after the last one ended, as in zap's sampler, so the
/// rule is the Collector's.
package struct Sampler {
    private let initial: Int
    private let thereafter: Int
    private var count = 0
    private var resetAt: UInt64 = 0

    package init(initial: Int, thereafter: Int) {
        self.initial = initial
        self.thereafter = thereafter
    }

    /// - Parameter now: nanoseconds on a clock that only goes forward.
    package mutating func admits(at now: UInt64) -> Bool {
        if now >= resetAt {
            count = 0
            resetAt = now &+ 1_000_000_000
        }
        count += 1
        if count <= initial { return true }
        return thereafter > 0 && (count - initial) % thereafter == 0
    }
}
