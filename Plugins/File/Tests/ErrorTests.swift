import Foundation
import Testing
import WeirSDK
import WeirTelemetry
import WeirTestKit

@testable import FilePlugin

struct ErrorTests {
    private let scratch: TemporaryFolder

    init() throws { scratch = try TemporaryFolder() }

    /// Nothing can be below a file, not even for root.
    @Test(arguments: [("file/out.json", "directory"), ("missing/out.json", "create_directory")])
    func pathsThatCannotBeWritten(_ name: String, _ advice: String) throws {
        try scratch.write("", to: "file")
        let host = FakeHost()
        let path = scratch.path + "/" + name
        let sink = try host.create(plugin, .sink, "file", settings: #"{"path": "\#(path)"}"#)
        let error = #expect(throws: ComponentError.self) { try sink.start() }
        let message = error?.message ?? ""
        #expect(message.contains(path) && message.contains(advice), "\(message)")
        try sink.stop()
        sink.destroy()
        try host.checkClean()
    }

    @Test func fullDisk() throws {
        let host = FakeHost()
        let sink = try host.start(plugin, .sink, "file", settings: #"{"path": "/dev/full"}"#)
        let batch = try host.batch(.logs, OTLPSample.request(.logs, records: 1))
        #expect(
            sink.deliver(batch).outcome
                == .retry(
                    message: "cannot write to '/dev/full': No space left on device; "
                        + "free some space"))
        try sink.end()
    }

    @Test func rotationNeedsARegularFile() throws {
        let host = FakeHost()
        let sink = try host.create(
            plugin, .sink, "file", settings: #"{"path": "/dev/null", "rotation": {}}"#)
        let error = #expect(throws: ComponentError.self) { try sink.start() }
        #expect(error?.message.contains("leave out rotation") == true)
    }

    /// The kernel takes a part of the batch and then nothing more: the part is taken back, and
    /// when there is room again, the next attempt writes the batch whole.
    @Test func halfAWriteIsTakenBack() async throws {
        await #expect(processExitsWith: .success) {
            // The limit holds for the whole process, so it is a process of its own.
            signal(SIGXFSZ, SIG_IGN)
            let scratch = try TemporaryFolder()
            let host = FakeHost()
            let sink = try host.start(
                plugin, .sink, "file",
                settings: #"{"path": "\#(scratch.path)/out.json", "format": "proto"}"#)
            let bytes = OTLPSample.request(.logs, records: 1, padding: 3000)
            let batch = try host.batch(.logs, bytes)
            #expect(sink.deliver(batch).outcome == .delivered())
            var limit = rlimit(rlim_cur: 5000, rlim_max: .max)
            limitFileSize(&limit)
            guard case .retry(_, let message) = sink.deliver(batch).outcome else {
                Issue.record("a write beyond the limit succeeded")
                return
            }
            #expect(message.contains("File too large"), "\(message)")
            #expect(message.contains("which were taken back"), "\(message)")
            #expect(try unframe(scratch.bytes("out.json")) == [bytes])
            limit.rlim_cur = .max
            limitFileSize(&limit)
            #expect(sink.deliver(batch, attempt: 2).outcome == .delivered())
            try sink.end()
            #expect(try unframe(scratch.bytes("out.json")) == [bytes, bytes])
        }
    }

    @Test func standardOutput() async throws {
        let result = await #expect(
            processExitsWith: .success, observing: [\.standardOutputContent]
        ) {
            let host = FakeHost()
            let sink = try host.start(
                plugin, .sink, "file", settings: #"{"path": "/dev/stdout"}"#)
            let batch = try host.batch(.logs, OTLPSample.request(.logs, records: 1))
            #expect(sink.deliver(batch).outcome == .delivered())
            try sink.end()
        }
        let text = String(decoding: result?.standardOutputContent ?? [], as: UTF8.self)
        #expect(
            text.contains(#"{"resourceLogs":[{"resource":{"attributes":[{"key":"service.name""#))
        #expect(text.contains("]}]}]}\n"), "\(text)")
    }

    /// A pipe cannot take anything back: the rest of the record follows before the next one.
    @Test func pipesGetTheRestFirst() throws {
        let path = scratch.path + "/pipe"
        #expect(unsafe mkfifo(path, 0o600) == 0)
        let reader = unsafe open(path, O_RDONLY | O_NONBLOCK)
        defer { close(reader) }
        var file = try OutputFile(path: path, truncating: false)
        defer { file.close() }
        #expect(!file.isRegular)
        #expect(file.setNonBlocking())
        let record = line(200_000)
        let error = #expect(throws: FileError.self) { try file.append(record, patience: 0) }
        #expect(error?.description.contains("the rest follows first") == true)
        var read: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65536)
        func drain() {
            while true {
                let count = unsafe Glibc.read(reader, &chunk, chunk.count)
                if count <= 0 { return }
                read += chunk[..<count]
            }
        }
        for _ in 0..<10 {
            drain()
            if (try? file.append(Record([1, 2, 3]), patience: 0)) != nil { break }
        }
        drain()
        #expect(read == record.head + [1, 2, 3])
    }
}

private func limitFileSize(_ limit: inout rlimit) {
    let result = unsafe setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
    #expect(result == 0)
}
