import Testing
import WeirTelemetry

@Suite struct ScanPropertyTests {
    @Test(arguments: Signal.allCases, 0..<150 as Range<UInt64>)
    func takesEveryWellFormedRequest(signal: Signal, seed: UInt64) throws {
        var random = RandomRequest(seed: seed)
        // The scan counts the points that are there, also those of a case that a later one hides.
        random.hasOneCase = true
        let bytes = random.request(signal)
        let summary = try scan(bytes, as: signal)
        #expect(!summary.hasInvalidRecords)
        #expect(summary.items == items(Canonical(bytes, MessageType(requestOf: signal)), signal))
    }

    /// Mutated bytes are refused or taken, and what is taken can be walked by everything else.
    @Test(arguments: Signal.allCases, 0..<60 as Range<UInt64>)
    func survivesMutations(signal: Signal, seed: UInt64) throws {
        var random = RandomRequest(seed: seed)
        let original = random.request(signal)
        guard !original.isEmpty else { return }
        for _ in 0..<20 {
            var bytes = original
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                let index = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<4, using: &random) {
                case 0: bytes[index] ^= 1 << UInt8.random(in: 0..<8, using: &random)
                case 1: bytes[index] = UInt8.random(in: 0...255, using: &random)
                case 2: bytes.insert(UInt8.random(in: 0...255, using: &random), at: index)
                default: bytes.removeLast(min(index, bytes.count - 1))
                }
            }
            do throws(WireError) {
                let summary = try scan(bytes, as: signal)
                let text = try bytes.borrowed { bytes throws(WireError) in
                    try json(bytes, as: signal)
                }
                #expect(!text.isEmpty)
                let removal = try bytes.borrowed { bytes throws(WireError) in
                    try removeInvalidRecords(bytes, as: signal)
                }
                #expect(removal.rewrite.isUnchanged == !summary.hasInvalidRecords)
            } catch {
                #expect(error.offset >= 0 && error.offset <= bytes.count)
                #expect(!error.found.isEmpty && !error.expected.isEmpty)
            }
        }
    }

    private func items(_ request: Canonical, _ signal: Signal) -> Int {
        var records: [Canonical] = []
        for group in request[1] { for scope in group[2] { records += scope[2] } }
        guard signal == .metrics else { return records.count }
        return records.reduce(0) { sum, metric in
            sum + [5, 7, 9, 10, 11].reduce(0) { $0 + metric[$1].reduce(0) { $0 + $1[1].count } }
        }
    }
}
