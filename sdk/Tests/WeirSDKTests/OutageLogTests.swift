import Testing
import WeirSDK
import WeirTestKit

@Suite struct OutageLogTests {
    /// A component that only makes the log, as components do.
    private func log(_ body: (OutageLog, FakeHost) throws -> Void) throws {
        let host = FakeHost()
        try body(OutageLog(host.asSeenByPlugin), host)
    }

    @Test func tellsOnceThatItWentAndOnceThatItIsBack() throws {
        try log { log, host in
            for _ in 0..<5 { log.succeeded("back") }
            for _ in 0..<5 { log.failed("gone") }
            host.advance(by: .seconds(60))
            log.failed("gone")
            for _ in 0..<5 { log.succeeded("back") }
            #expect(host.logs.map(\.message) == ["gone", "back"])
            #expect(host.logs.map(\.level) == [.warning, .info])
        }
    }

    /// Many connections of which some fail while others succeed.
    @Test func whatAlternatesIsToldOnceInTenSeconds() throws {
        try log { log, host in
            for _ in 0..<300 {
                log.failed("gone")
                log.succeeded("back")
                host.advance(by: .milliseconds(100))
            }
            #expect(host.logs.count <= 8, "\(host.logs.map(\.message))")
            #expect(host.logs.count >= 4)
            #expect(host.logs[2].message.hasPrefix("gone (and "))
            let back = host.logs.enumerated().filter { $0.element.message == "back" }
            #expect(back.allSatisfy { $0.offset % 2 == 1 })
        }
    }

    /// A failure that was held back and lasts is in the log in the end.
    @Test func whatLastsIsToldLater() throws {
        try log { log, host in
            log.failed("gone")
            log.succeeded("back")
            log.failed("gone")
            #expect(host.logs.count == 2)
            host.advance(by: .seconds(9))
            log.failed("gone")
            #expect(host.logs.count == 2)
            host.advance(by: .seconds(2))
            log.failed("gone")
            log.failed("gone")
            #expect(host.logs.map(\.message) == ["gone", "back", "gone"])
            log.succeeded("back")
            #expect(host.logs.count == 4)
        }
    }
}
