import Foundation
import Testing
import WeirSDK
import WeirTelemetry
import WeirTestKit

@testable import DebugPlugin

struct DebugSinkTests {
    @Test func conforms() throws { try conformance(plugin) }

    /// Two at first, then every third; each signal and each second for itself.
    @Test func samples() throws {
        let host = FakeHost()
        let sink = try host.start(
            plugin, .sink, "debug",
            settings: #"{"sampling_initial": 2, "sampling_thereafter": 3}"#)
        let logs = try host.batch(.logs, OTLPSample.request(.logs, records: 1))
        let traces = try host.batch(.traces, OTLPSample.request(.traces, records: 1))
        for _ in 0..<10 { #expect(sink.deliver(logs).outcome == .delivered()) }
        #expect(host.logs.count == 2 + 2)
        #expect(sink.deliver(traces).outcome == .delivered())
        #expect(host.logs.count == 5)
        host.advance(by: .seconds(1))
        #expect(sink.deliver(logs).outcome == .delivered())
        #expect(host.logs.count == 6)
        try sink.end()
    }

    @Test(arguments: [
        (initial: 2, thereafter: 1, admitted: 10), (2, 0, 2), (0, 0, 0), (0, 5, 2), (20, 0, 10),
        (1, 4, 3),
    ])
    func sampler(_ initial: Int, _ thereafter: Int, _ admitted: Int) {
        var sampler = Sampler(initial: initial, thereafter: thereafter)
        let count = (0..<10).count { _ in sampler.admits(at: 5) }
        #expect(count == admitted)
    }

    /// Without the logger the text goes to standard output as it is, and nothing to the log.
    @Test func writesToStandardOutput() async throws {
        let result = await #expect(
            processExitsWith: .success, observing: [\.standardOutputContent]
        ) {
            let host = FakeHost()
            let sink = try host.start(
                plugin, .sink, "debug",
                settings: #"{"use_internal_logger": false, "verbosity": "normal"}"#)
            let batch = try host.batch(.logs, OTLPSample.request(.logs, records: 2))
            #expect(sink.deliver(batch).outcome == .delivered())
            try sink.end()
            #expect(host.logs.isEmpty)
        }
        let text = String(decoding: result?.standardOutputContent ?? [], as: UTF8.self)
        let expected = """
            Logs: resource logs 1, log records 2
            ResourceLogs #0 service.name=test
            ScopeLogs #0 scope
            line 0
            line 1

            """
        #expect(text.contains(expected), "\(text)")
    }

    @Test func writesAll() throws {
        let pipe = Pipe()
        let output = StandardOutput(descriptor: pipe.fileHandleForWriting.fileDescriptor)
        #expect(output.write(Array("two\nlines\n".utf8)) == nil)
        try pipe.fileHandleForWriting.close()
        let text = try pipe.fileHandleForReading.readToEnd() ?? Data()
        #expect(String(decoding: text, as: UTF8.self) == "two\nlines\n")
    }

    @Test func saysWhyItCannotWrite() throws {
        let full = unsafe open("/dev/full", O_WRONLY)
        defer { close(full) }
        #expect(StandardOutput(descriptor: full).write([1]) == "No space left on device")
        #expect(StandardOutput(descriptor: -1).write([1]) == "Bad file descriptor")
    }
}
