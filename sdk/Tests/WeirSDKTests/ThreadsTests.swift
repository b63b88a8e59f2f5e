import Synchronization
import Testing
import WeirSDK

struct ThreadsTests {
    @Test func detachedAndJoined() {
        let semaphore = Semaphore()
        #expect(Threads.detach { semaphore.signal() })
        semaphore.wait()
        let isDone = Mutex(false)
        let thread = Threads.start { isDone.withLock { $0 = true } }
        thread?.join()
        #expect(thread != nil && isDone.withLock { $0 })
    }

    @Test(arguments: [(0, 4), (1, 4), (2, 4), (17, 4), (4, 4), (5, 1), (3, 0)])
    func forEachRunsEachOnce(_ count: Int, _ limit: Int) {
        let seen = Mutex<[Int]>([])
        Threads.forEach(count, limit: limit) { index in seen.withLock { $0.append(index) } }
        #expect(seen.withLock { $0.sorted() } == Array(0..<count))
    }

    /// One that hangs holds up no other.
    @Test func forEachWorksRoundWhatHangs() {
        let others = Semaphore()
        let seen = Mutex<Set<Int>>([])
        Threads.forEach(6, limit: 2) { index in
            if index == 0 {
                for _ in 1..<6 { others.wait() }
            } else {
                others.signal()
            }
            seen.withLock { _ = $0.insert(index) }
        }
        #expect(seen.withLock { $0.count } == 6)
    }

    @Test func resultInTime() { #expect(Threads.result(within: .seconds(60)) { 7 } == 7) }

    @Test func whatTakesLongerIsLeftBehindAndReleased() {
        let (goOn, released) = (Semaphore(), Semaphore())
        let late = Threads.result(within: .milliseconds(1), of: waiting(for: goOn, released))
        #expect(late == nil)
        #expect(!released.wait(for: .zero))
        goOn.signal()
        #expect(released.wait(for: .seconds(60)))
    }

    private final class Held: Sendable {
        let released: Semaphore
        init(_ released: Semaphore) { self.released = released }
        deinit { released.signal() }
    }

    private func waiting(
        for goOn: Semaphore, _ released: Semaphore
    ) -> @Sendable () -> Int {
        { [held = Held(released)] in
            goOn.wait()
            return withExtendedLifetime(held) { 7 }
        }
    }

    @Test func semaphoresCount() {
        let semaphore = Semaphore()
        for _ in 0..<2 { semaphore.signal() }
        #expect(semaphore.wait(for: .seconds(60)))
        #expect(semaphore.wait(for: .zero), "what is counted needs no waiting")
        #expect(!semaphore.wait(for: .zero))
        #expect(!semaphore.wait(for: .milliseconds(1)))
    }
}
