import Foundation
import Testing
import WeirTestKit

extension EndToEnd {
    private struct SentSpans: Decodable {
        var acknowledged: [String]
        var broken: [String]
    }

    /// One weir in front of three that write files: all spans of a trace are in one file, and when one
    /// of the three is killed, each span that was acknowledged is still in a file.
    @Test(.timeLimit(.minutes(2)))
    func balancesTracesOverThree() async throws {
        let ports = try await freePorts(4)
        var keepers: [Weir] = []
        for port in ports.dropFirst() {
            keepers.append(
                try await Weir(
                    """
                    receivers:
                      otlp: {ack: delivered, protocols: {grpc: {endpoint: "127.0.0.1:\(port)"}}}
                    sinks:
                      file: {path: FOLDER/traces.jsonl}
                    service:
                      pipelines:
                        traces: {receivers: [otlp], sinks: [file]}
                    """))
        }
        let front = try await Weir(
            """
            receivers:
              otlp: {ack: delivered, protocols: {http: {endpoint: "127.0.0.1:\(ports[0])"}}}
            sinks:
              loadbalancing:
                protocol: {otlp: {tls: {insecure: true}}}
                resolver: {static: {hostnames: ["127.0.0.1:\(ports[1])", "127.0.0.1:\(ports[2])", "127.0.0.1:\(ports[3])"]}}
            service:
              pipelines:
                traces: {receivers: [otlp], sinks: [loadbalancing]}
            """)

        let calm = try await sendSpans(to: ports[0], front, from: 0) {
            try? await Task.sleep(for: .seconds(2))
        }
        var places: [String: Set<Int>] = [:]
        for (index, names) in try keepers.map(spans).enumerated() {
            #expect(!names.isEmpty, "backend \(index) got nothing")
            #expect(Set(names).count == names.count, "spans came twice")
            for name in names {
                places[String(name.prefix { $0 != "-" }), default: []].insert(index)
            }
        }
        #expect(places.values.allSatisfy { $0.count == 1 }, "a trace is in several files")
        #expect(try Set(keepers.flatMap(spans)) == Set(calm.acknowledged))

        let sent = try await sendSpans(to: ports[0], front, from: 4) {
            try? await Task.sleep(for: .seconds(1))
            keepers[1].kill()
            try? await Task.sleep(for: .seconds(3))
        }
        #expect(front.log.contains("127.0.0.1:\(ports[2])"), "\(front.log)")
        #expect(await front.get("/health/ready") != nil)
        #expect(try await front.stop() == 0, "\(front.log)")
        for index in [0, 2] { #expect(try await keepers[index].stop() == 0) }
        let files = try keepers.map(spans)
        let arrived = Set(files.joined())
        let lost = Set(calm.acknowledged + sent.acknowledged).subtracting(arrived)
        #expect(lost.isEmpty, "lost \(lost.count): \(lost.sorted().prefix(10))")
        // What the killed one had written and not answered for came again; nothing else did.
        let others = files[0] + files[2]
        #expect(Set(others).count == others.count, "spans came twice")
    }

    private func sendSpans(
        to port: Int, _ front: Weir, from first: Int, _ meanwhile: () async -> Void
    ) async throws -> SentSpans {
        let folder = try TemporaryFolder()
        let stop = "\(folder.path)/stop"
        let sender = try Command(
            Build.python, ["\(Build.clients)/traces_load.py", "\(port)", stop, "\(first)"]
        ).start(output: "\(folder.path)/sent.json", errors: "\(folder.path)/sender.log")
        defer { sender.kill() }
        await meanwhile()
        #expect(FileManager.default.createFile(atPath: stop, contents: nil))
        #expect(await sender.ended(within: 60), "the sender hangs: \(front.log)")
        let sent = try JSONDecoder().decode(
            SentSpans.self, from: Data(folder.read("sent.json").utf8))
        #expect(sent.broken.isEmpty, "\(sent.broken.count) broken: \(sent.broken.prefix(10))")
        #expect(sent.acknowledged.count > 100, "there was no load")
        return sent
    }

    private func spans(of keeper: Weir) throws -> [String] {
        try keeper.folder.read("traces.jsonl").matches(of: #/"name":"(\d+x\d+x\d+-\d+)"/#).map {
            String($0.1)
        }
    }
}
