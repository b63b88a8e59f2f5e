import Testing

@testable import OtlpPlugin

struct HashRingTests {
    static let keys: [UInt64] = (0..<20_000).map { number in
        var hash = KeyHash()
        hash.combine("trace \(number)")
        return hash.finish()
    }

    static func names(_ count: Int) -> [String] {
        (0..<count).map { "10.0.\($0 % 7).\($0):4317" }.sorted()
    }

    private func owners(_ names: [String]) -> [String] {
        let ring = HashRing(names)
        return Self.keys.compactMap { key in ring.owner(of: key) { _ in true }.map { names[$0] } }
    }

    /// What is left keeps its keys; only those of the one that went, or that the new one gets, move.
    @Test(arguments: [2, 3, 5, 10, 40])
    func oneThatComesOrGoesMovesOnlyItsShare(count: Int) {
        let all = Self.names(count)
        let before = owners(all)
        #expect(before.count == Self.keys.count)
        for gone in [all[0], all[count / 2], all[count - 1]] {
            let after = owners(all.filter { $0 != gone })
            var moved = 0
            for (old, new) in zip(before, after) {
                if old == gone { moved += 1 } else { #expect(old == new) }
            }
            let share = Double(moved) / Double(Self.keys.count)
            #expect(abs(share * Double(count) - 1) < 0.35, "\(share) of \(count)")
        }
    }

    @Test(arguments: [3, 10])
    func sharesAreAlike(count: Int) {
        let shares = Dictionary(grouping: owners(Self.names(count)), by: \.self).mapValues(\.count)
        #expect(shares.count == count)
        let even = Double(Self.keys.count) / Double(count)
        for (name, share) in shares { #expect(abs(Double(share) / even - 1) < 0.3, "\(name)") }
    }

    /// The keys of one that is down spread over all others.
    @Test func whatIsNotUsableIsPassedOver() {
        let names = Self.names(5)
        let ring = HashRing(names)
        var heirs: Set<Int> = []
        for key in Self.keys {
            let first = ring.owner(of: key) { _ in true }
            let second = ring.owner(of: key) { $0 != 2 }
            if first == 2 { heirs.insert(second ?? -1) } else { #expect(first == second) }
        }
        #expect(heirs == [0, 1, 3, 4])
        #expect(ring.owner(of: 1) { _ in false } == nil)
        #expect(HashRing([]).owner(of: 1) { _ in true } == nil)
        #expect(ring.owner(of: .max) { _ in true } != nil)
    }

    /// Others that balance over the same backends are to agree, also after an update: these numbers
    /// never change.
    @Test func theRingIsTheSameEverywhere() {
        var hash = KeyHash()
        hash.combine("checkout")
        #expect(hash.finish() == 1_698_830_621_193_967_537)
        let names = ["a:4317", "b:4317", "c:4317"]
        let ring = HashRing(names)
        let found = Self.keys.prefix(24).compactMap { ring.owner(of: $0) { _ in true } }
        #expect(found == [1, 2, 2, 1, 1, 2, 2, 1, 2, 2, 1, 2, 0, 2, 2, 1, 1, 1, 1, 0, 0, 0, 2, 1])
    }

    @Test func whatIsCutDifferentlyIsAnotherKey() {
        func hash(_ texts: String...) -> UInt64 {
            var hash = KeyHash()
            for text in texts { hash.combine(text) }
            return hash.finish()
        }
        #expect(hash("ab", "c") != hash("a", "bc"))
        #expect(hash("") != hash("\0"))
        #expect(hash("12345678") != hash("12345678\0"))
    }
}
