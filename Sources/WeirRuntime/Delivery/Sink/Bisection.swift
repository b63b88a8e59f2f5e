import NIOCore

/// The search for what is wrong with a batch that was refused as a whole: its halves are tried, then
/// the halves of those that are refused, the larger pieces first. A value: who holds it goes on.
struct Bisection {
    /// Attempts that one batch may cost. A single bad item among 8192 takes 26.
    static let limit = 64
    /// After so many attempts (three rounds) of which none got through it is not the items that are
    /// refused, but everything.
    static let hopeless = 14
    /// For how long nothing is tried after that.
    static let pause: UInt64 = 60_000_000_000

    private var pieces: CircularBuffer<HostBatch> = []
    private(set) var attempts = 0
    private(set) var hasDelivered = false

    /// What has not been tried yet, to be booked as it is.
    var rest: [HostBatch] { Array(pieces) }

    var isHopeless: Bool { !hasDelivered && attempts >= Self.hopeless }
    var mayGoOn: Bool { attempts + pieces.count + 2 <= Self.limit && !isHopeless }

    mutating func add(_ halves: (HostBatch, HostBatch)) {
        pieces.append(halves.0)
        pieces.append(halves.1)
    }

    /// The piece to try next, after the one before it has ended.
    mutating func next(delivered: Bool) -> HostBatch? {
        if delivered { hasDelivered = true }
        guard let piece = pieces.popFirst() else { return nil }
        attempts += 1
        return piece
    }
}
