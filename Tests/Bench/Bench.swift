import Foundation
import NIOCore
import NIOPosix
import Synchronization
import WeirNet

struct BenchError: Error, CustomStringConvertible {
    var description: String
    init(_ description: String) { self.description = description }
}

/// Runs scenarios: sink and generator in this process, the programs under test as children.
struct Bench {
    var weir: String
    var plugins: String
    var haproxy: String
    var seconds: Double
    var repeats: Int
    var connections = 8
    /// Where configurations and logs go.
    var folder: String
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 2)

    private struct Ports {
        let receive = 24317
        let send = 24318
        let admin = 24888
    }
    private let ports = Ports()

    init(
        weir: String, plugins: String, haproxy: String, seconds: Double, repeats: Int,
        folder: String
    ) {
        self.weir = weir
        self.plugins = plugins
        self.haproxy = haproxy
        self.seconds = seconds
        self.repeats = repeats
        self.folder = folder
    }

    /// Runs every scenario `repeats` times; round by round, so that what the machine does meanwhile
    /// meets all of them alike.
    func measure(_ scenarios: [Scenario]) async throws -> [Measurement] {
        let (sink, server, _) = try await Sink.start(
            endpoint: .tcp(host: "127.0.0.1", port: ports.send), group: group)
        var relays = scenarios.map { _ in [Usage]() }
        var weirs = scenarios.map { _ in [(usage: Usage, idle: Int, ready: Double)]() }
        for round in 1...repeats {
            for (index, scenario) in scenarios.enumerated() {
                relays[index].append(try await runRelay(scenario, sink))
                weirs[index].append(try await runWeir(scenario, sink))
                print(
                    "\(round)/\(repeats) \(scenario.name): weir "
                        + "\(decimal(weirs[index].last!.usage.cost, 2)), relay "
                        + "\(decimal(relays[index].last!.cost, 2))")
            }
        }
        try await server.close().get()
        return scenarios.indices.map { index in
            let relay = relays[index].sorted { $0.cost < $1.cost }[repeats / 2]
            let weir = weirs[index].sorted { $0.usage.cost < $1.usage.cost }[repeats / 2]
            return Measurement(
                relay: relay, weir: weir.usage, costs: weirs[index].map(\.usage.cost),
                idle: weir.idle,
                ready: weirs[index].map(\.ready).sorted()[repeats / 2])
        }
    }

    private func runRelay(_ scenario: Scenario, _ sink: Sink) async throws -> Usage {
        let path = folder + "/haproxy.cfg"
        let text = """
            global
              nbthread 2
            defaults
              timeout connect 5s
              timeout client 60s
              timeout server 60s
            listen relay
              mode tcp
              bind 127.0.0.1:\(ports.receive)
              server sink 127.0.0.1:\(ports.send)

            """
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        let child = try Child(haproxy, ["-db", "-f", path], output: folder + "/haproxy.log")
        defer { child.stop() }
        try await waitForPort(ports.receive, child)
        return try await run(scenario, sink, child)
    }

    private func runWeir(
        _ scenario: Scenario, _ sink: Sink
    ) async throws -> (usage: Usage, idle: Int, ready: Double) {
        let path = folder + "/weir.yaml"
        try scenario.configuration(
            receive: ports.receive, send: ports.send, admin: ports.admin, folder: folder
        ).write(toFile: path, atomically: true, encoding: .utf8)
        unsafe setenv("WEIR_PLUGIN_PATH", plugins, 1)
        let child = try Child(weir, ["run", "--config", path], output: folder + "/weir.log")
        defer { child.stop() }
        let ready = try await waitUntilReady(child)
        // What it is like once start-up is over.
        try await Task.sleep(for: .milliseconds(500))
        let idle = child.memory("VmRSS")
        var usage = try await run(scenario, sink, child)
        if scenario.isStored { usage.syncs = try await number("weir_sink_disk_syncs_total") }
        return (usage, idle, ready)
    }

    /// A self-metric of the weir that runs.
    private func number(_ name: String) async throws -> Int? {
        let target = try TargetURL(parsing: "http://127.0.0.1:\(ports.admin)")
        let client = try HTTPClient(
            options: ClientOptions(target: target, version: .http1), group: group.next())
        let answer = await withCheckedContinuation { continuation in
            client.send(ClientRequest(method: "GET", path: "/metrics", parts: [])) {
                continuation.resume(returning: $0)
            }
        }
        try await client.close().get()
        guard case .success(let response) = answer else { return nil }
        let text = String(buffer: response.body)
        let line = text.split(separator: "\n").first { $0.hasPrefix(name + "{") }
        return line?.split(separator: " ").last.flatMap { Double($0) }.map { Int($0) }
    }

    private func run(_ scenario: Scenario, _ sink: Sink, _ child: Child) async throws -> Usage {
        let load = Load(
            mode: scenario.mode,
            target: try TargetURL(parsing: "http://127.0.0.1:\(ports.receive)"),
            signal: scenario.signal, items: scenario.items,
            body: ByteBuffer(bytes: Payload.make(scenario.signal, items: scenario.items)),
            connections: connections, duration: .nanoseconds(Int64(seconds * 1e9)))
        let counter = sink.count(scenario.signal)
        let before = counter.value.load(ordering: .relaxed)
        let cpu = child.cpu
        let result = try await load.run(on: group)
        // What is still on its way arrives; what does not come within a few seconds is lost.
        let limit = NIODeadline.now() + .seconds(5)
        while counter.value.load(ordering: .relaxed) - before < result.items,
            NIODeadline.now() < limit
        {
            try await Task.sleep(for: .milliseconds(10))
        }
        guard child.isRunning else { throw BenchError("the process under test has ended") }
        guard result.requests > 0 else {
            throw BenchError("\(scenario.name): no request went through: \(result.failures)")
        }
        let arrived = counter.value.load(ordering: .relaxed) - before
        return Usage(
            cpu: child.cpu - cpu, items: arrived, requests: result.requests,
            seconds: result.seconds, refused: result.failed, lost: max(0, result.items - arrived),
            peak: child.memory("VmHWM"), p99: result.milliseconds(quantile: 0.99))
    }

    private func waitForPort(_ port: Int, _ child: Child) async throws {
        let limit = NIODeadline.now() + .seconds(5)
        while NIODeadline.now() < limit, child.isRunning {
            let channel = try? await ClientBootstrap(group: group)
                .connect(host: "127.0.0.1", port: port).get()
            if let channel {
                try await channel.close().get()
                return
            }
            try await Task.sleep(for: .milliseconds(5))
        }
        throw BenchError("nothing listens on port \(port); see the logs in \(folder)")
    }

    /// Seconds from the start of the process to the first 200 of `/health/ready`.
    private func waitUntilReady(_ child: Child) async throws -> Double {
        let target = try TargetURL(parsing: "http://127.0.0.1:\(ports.admin)")
        let limit = child.started + .seconds(10)
        while NIODeadline.now() < limit, child.isRunning {
            // A client of its own for each attempt: one that failed waits before it tries again.
            let client = try HTTPClient(
                options: ClientOptions(target: target, version: .http1), group: group.next())
            let answer = await withCheckedContinuation { continuation in
                client.send(ClientRequest(method: "GET", path: "/health/ready", parts: [])) {
                    continuation.resume(returning: $0)
                }
            }
            let time = Double((NIODeadline.now() - child.started).nanoseconds) / 1e9
            try await client.close().get()
            if case .success(let response) = answer, response.status == 200 { return time }
            try await Task.sleep(for: .milliseconds(2))
        }
        throw BenchError("weir did not become ready within 10 s; see \(folder)/weir.log")
    }
}
