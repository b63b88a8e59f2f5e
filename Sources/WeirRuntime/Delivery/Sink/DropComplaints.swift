/// When to say that something was dropped: at once, then at most every ten seconds, with everything
/// that came in between. The counters and the ledger miss nothing.
struct DropComplaints: Sendable {
    private static let interval: UInt64 = 10_000_000_000

    private var items = 0
    private var batches = 0
    private var lastNano: UInt64?

    /// What to tell now, if anything.
    mutating func add(_ items: Int, atNano now: UInt64) -> String? {
        self.items += items
        batches += 1
        if let lastNano, now < lastNano &+ Self.interval { return nil }
        defer {
            self.items = 0
            batches = 0
            lastNano = now
        }
        let text = "\(self.items) item\(self.items == 1 ? "" : "s")"
        return batches == 1 ? text : "\(text) in \(batches) batches"
    }
}
