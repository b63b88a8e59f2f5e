import Glibc
import Synchronization
import Testing
import WeirConfig
import WeirJSON

@testable import WeirRuntime

@Suite struct StandaloneExporterTests {
    private let plugin = ScriptedComponent(kind: .exporter)
    private let answers = Answers()

    private final class Answers: Sendable {
        private let texts = Mutex<[String]>([])

        func add(_ answer: StandaloneExporter.Answer) {
            let text =
                switch answer {
                case .page(let page): page.page.text + (page.failure.map { "! \($0)" } ?? "")
                case .none(let why): "none: \(why)"
                }
            texts.withLock { $0.append(text) }
        }

        func wait(for count: Int) -> [String] {
            while texts.withLock({ $0.count }) < count { usleep(1000) }
            return texts.withLock { $0 }
        }
    }

    private func exporter() throws -> StandaloneExporter {
        try StandaloneExporter(plugin.instance, settings: .object([]))
    }

    @Test func aPageForEachRequest() throws {
        let exporter = try exporter()
        exporter.collect(within: nil) { answers.add($0) }
        #expect(answers.wait(for: 1) == ["# TYPE up gauge\nup 1\n"])
        plugin.collectFails(true)
        exporter.collect(within: nil) { answers.add($0) }
        #expect(answers.wait(for: 2)[1] == "# TYPE up gauge\nup 0\n! nobody answers")
        #expect(exporter.errors == ["retry": 1] && plugin.time.pending == 0)
        exporter.stop()
        #expect(plugin.destroyed == 1)
        exporter.collect(within: nil) { answers.add($0) }
        #expect(answers.wait(for: 3)[2].contains("has ended"))
    }

    /// One at a time: a request whose time is over before its turn is told so.
    @Test func requestsWaitForEachOther() throws {
        let exporter = try exporter()
        let gate = plugin.holdCollect()
        exporter.collect(within: 5_000_000_000) { answers.add($0) }
        gate.waitUntilEntered()
        exporter.collect(within: 1_000_000_000) { answers.add($0) }
        plugin.time.advance(seconds: 1.5)
        gate.leave()
        let texts = answers.wait(for: 2)
        #expect(texts[0].contains("up 1") && texts[1].contains("the time was over"))
        #expect(plugin.collections == 1)
        exporter.stop()
    }

    @Test func noMoreThanSixteenWait() throws {
        let exporter = try exporter()
        let gate = plugin.holdCollect()
        for _ in 0..<17 { exporter.collect(within: nil) { answers.add($0) } }
        #expect(answers.wait(for: 1) == ["none: 16 collections are waiting already"])
        gate.leave()
        #expect(answers.wait(for: 17).filter { $0.contains("up 1") }.count == 16)
        exporter.stop()
    }

    @Test func whoHangsIsNamedInTheAnswer() throws {
        let exporter = try exporter()
        let gate = plugin.holdCollect()
        exporter.collect(within: 2_000_000_000, grace: 100_000_000) { answers.add($0) }
        gate.waitUntilEntered()
        plugin.time.advance(seconds: 2.2)
        #expect(
            answers.wait(for: 1) == [
                "none: collect() of exporter test (plugin test) has not returned, and its deadline "
                    + "has passed"
            ])
        gate.leave()
        plugin.waitUntilCollected(1)
        exporter.stop()
        #expect(answers.wait(for: 1).count == 1, "one answer, although it came back")
    }
}
