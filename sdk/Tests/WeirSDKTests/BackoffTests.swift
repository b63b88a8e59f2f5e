import Testing
import WeirSDK

struct BackoffTests {
    @Test func doublesUpToItsLimit() {
        var backoff = Backoff(first: .milliseconds(800), longest: .seconds(5))
        #expect(backoff.wait(at: 0) == nil)
        var waits: [Duration?] = []
        for _ in 0..<5 {
            backoff.failed(at: 100)
            waits.append(backoff.wait(at: 100))
        }
        #expect(
            waits == [
                .milliseconds(800), .milliseconds(1600), .milliseconds(3200), .seconds(5),
                .seconds(5),
            ])
        #expect(backoff.failures == 5)
        #expect(backoff.wait(at: 5_000_000_099) == .nanoseconds(1))
        #expect(backoff.wait(at: 5_000_000_100) == nil)
        backoff.succeeded()
        #expect(backoff == Backoff(first: .milliseconds(800), longest: .seconds(5)))
    }

    @Test(arguments: [(0.0, 500), (0.5, 750), (1.0, 1000)])
    func isSpread(_ random: Double, _ milliseconds: Int) {
        var backoff = Backoff()
        backoff.failed(at: 1, random: random)
        #expect(backoff.wait(at: 1) == .milliseconds(milliseconds))
    }
}
