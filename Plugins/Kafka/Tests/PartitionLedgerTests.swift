import Testing

@testable import KafkaPlugin

struct PartitionLedgerTests {
    @Test func thePositionMovesOverWhatIsAllDone() {
        var ledger = PartitionLedger()
        for offset in [5, 6, 9] as [Int64] {
            let isNew = ledger.begin(offset, bytes: 10)
            #expect(isNew)
        }
        #expect(ledger.finish(6) == nil && ledger.position == nil)
        #expect(ledger.finish(5) == 7)
        #expect(ledger.openBytes == 10 && ledger.openCount == 1)
        #expect(ledger.finish(9) == 10)
        #expect(ledger.finish(9) == nil, "twice")
        #expect(ledger.openBytes == 0 && ledger.openCount == 0)
    }

    @Test func whatWasSeenIsNotTakenAgain() {
        var ledger = PartitionLedger()
        let first = ledger.begin(5, bytes: 1)
        let again = ledger.begin(5, bytes: 1)
        let before = ledger.begin(4, bytes: 1)
        #expect(first && !again && !before)
        #expect(ledger.openCount == 1)
    }

    /// Whatever the order of answers: the position is exactly the first that is not done, so that
    /// nothing is committed that was not delivered, and it never goes back.
    @Test(arguments: UInt64(1)...40)
    func nothingThatIsNotDoneIsCommitted(seed: UInt64) {
        var random = Seeded(seed)
        var ledger = PartitionLedger()
        var open: Set<Int64> = []
        var done: Set<Int64> = []
        var next: Int64 = 0
        var last: Int64 = -1
        for _ in 0..<3000 {
            if open.isEmpty || Int.random(in: 0..<100, using: &random) < 52 {
                next += Int64.random(in: 1...3, using: &random)
                let isNew = ledger.begin(next, bytes: Int(next % 7))
                #expect(isNew)
                open.insert(next)
            } else if let offset = open.sorted().randomElement(using: &random) {
                open.remove(offset)
                done.insert(offset)
                let moved = ledger.finish(offset)
                let expected = open.min() ?? next + 1
                if let moved {
                    #expect(moved > last && moved <= expected)
                    #expect(open.allSatisfy { $0 >= moved })
                    // As far as it can: all below the first open one is covered.
                    #expect(done.allSatisfy { $0 < moved || $0 > expected })
                    last = moved
                }
            }
            #expect(ledger.openCount == open.count)
            #expect(ledger.openBytes == open.reduce(0) { $0 + Int($1 % 7) })
        }
        for offset in open { _ = ledger.finish(offset) }
        #expect(ledger.position == next + 1 && ledger.openBytes == 0)
    }
}

/// The same numbers for the same seed.
struct Seeded: RandomNumberGenerator {
    private var state: UInt64
    init(_ seed: UInt64) { state = seed &* 0x9e37_79b9_7f4a_7c15 }

    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        var value = state
        value = (value ^ (value >> 33)) &* 0xff51_afd7_ed55_8ccd
        return value ^ (value >> 33)
    }
}
