import WeirSDK

/// What a lane holds, and when something is due: a value without effects.
///
/// `pending` collects until it is large or old enough. `blocked` are batches that were ready and
/// that what follows did not take; they go first, and nothing is sent before they are gone.
struct Holding {
    private(set) var pending: [Batch] = []
    private(set) var pendingItems = 0
    private(set) var oldest: UInt64 = 0
    private(set) var blocked: [Batch] = []
    private(set) var retryAt: UInt64 = 0
    /// Items and bytes of everything here, batches that are being tried again included.
    private(set) var items = 0
    private(set) var bytes = 0
    private(set) var isRetrying = false
    private var retryDelay: UInt64 = 0

    var isBlocked: Bool { !blocked.isEmpty || isRetrying }

    /// Trying again is a call, not a request: soon, and however long what follows asks its own
    /// senders to wait.
    private static let firstDelay: UInt64 = 5_000_000
    private static let longestDelay: UInt64 = 100_000_000

    mutating func add(_ batch: Batch, at now: UInt64) {
        if pending.isEmpty { oldest = now }
        pending.append(batch)
        pendingItems += batch.items
        items += batch.items
        bytes += batch.byteCount
    }

    /// Takes what is pending; it does not count as held any more.
    mutating func takePending() -> [Batch] {
        defer {
            pending = []
            pendingItems = 0
        }
        items -= pendingItems
        bytes -= pending.reduce(0) { $0 + $1.byteCount }
        return pending
    }

    /// Batches that what follows did not take now.
    mutating func block(_ batches: [Batch], at now: UInt64, delay: UInt64?) {
        for batch in batches {
            items += batch.items
            bytes += batch.byteCount
        }
        blocked += batches
        postpone(at: now, delay: delay)
    }

    /// Takes what is blocked, to try again; until `endRetry` it counts as held.
    mutating func beginRetry() -> [Batch] {
        isRetrying = true
        defer { blocked = [] }
        return blocked
    }

    /// Ends a retry: so much of it is gone, and `left` goes back to the front.
    mutating func endRetry(
        goneItems: Int, goneBytes: Int, left: [Batch], at now: UInt64, delay: UInt64?
    ) {
        isRetrying = false
        items -= goneItems
        bytes -= goneBytes
        blocked = left + blocked
        if left.isEmpty { retryDelay = 0 } else { postpone(at: now, delay: delay) }
    }

    private mutating func postpone(at now: UInt64, delay: UInt64?) {
        retryDelay = min(Holding.longestDelay, max(Holding.firstDelay, retryDelay * 2))
        retryAt = now &+ min(delay ?? retryDelay, retryDelay)
    }

    /// When something has to happen by time; `nil`: nothing is held.
    func due(timeout: UInt64) -> UInt64? {
        if isRetrying { return nil }
        if !blocked.isEmpty { return retryAt }
        return pending.isEmpty ? nil : oldest &+ timeout
    }
}
