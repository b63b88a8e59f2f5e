import Testing

@testable import WeirCommand

@Suite struct IdlePoolTests {
    private var pool = IdlePool<String>(limit: 2, idle: 10)

    @Test mutating func theOneUsedLongestAgoMakesRoom() {
        for (time, key) in [(1, "a"), (2, "b")] {
            #expect(pool.makeRoom() == [])
            pool.insert(key.uppercased(), key, atNano: UInt64(time))
            pool.leave(key, atNano: UInt64(time))
        }
        #expect(pool.enter("a", atNano: 3) == "A")
        pool.leave("a", atNano: 4)
        #expect(pool.makeRoom() == ["B"])
        #expect(pool.enter("b", atNano: 5) == nil && pool.enter("a", atNano: 5) == "A")
    }

    @Test mutating func whatIsInUseStays() {
        for key in ["a", "b"] {
            #expect(pool.makeRoom() == [])
            pool.insert(key, key, atNano: 0)
        }
        #expect(pool.makeRoom() == nil && pool.expire(atNano: 100) == [])
        // Two users of one: it is in use until both have left.
        #expect(pool.enter("b", atNano: 100) == "b")
        pool.leave("b", atNano: 100)
        #expect(pool.expire(atNano: 200) == [] && pool.makeRoom() == nil)
        pool.leave("b", atNano: 200)
        #expect(pool.makeRoom() == ["b"] && pool.count == 1)
    }

    @Test mutating func whatNobodyUsesExpires() {
        pool.insert("a", "a", atNano: 0)
        pool.leave("a", atNano: 5)
        // The clock may be read before the last one left, and be used after.
        #expect(pool.expire(atNano: 4) == [])
        #expect(pool.expire(atNano: 14) == [])
        #expect(pool.expire(atNano: 15) == ["a"] && pool.count == 0)
    }
}
