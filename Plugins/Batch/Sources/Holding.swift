import WeirSDK

/// What a lane holds, and when something is due: a value without effects.
///
/// `pending` collects until it is large or old enough. What was ready and is not taken yet waits in
/// the host, and counts here until it is.
struct Holding {
    private(set) var pending: [Batch] = []
    private(set) var pendingItems = 0
    private(set) var oldest: UInt64 = 0
    /// Items of everything that is pending or waits.
    private(set) var items = 0
    private(set) var bytes = 0

    /// What follows has not taken all that was ready.
    var isWaiting: Bool { items > pendingItems }

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

    mutating func wait(_ batch: Batch) {
        items += batch.items
        bytes += batch.byteCount
    }

    mutating func endWait(_ batch: Batch) {
        items -= batch.items
        bytes -= batch.byteCount
    }

    /// When something has to happen by time; `nil`: nothing is pending.
    func due(timeout: UInt64) -> UInt64? { pending.isEmpty ? nil : oldest &+ timeout }
}
