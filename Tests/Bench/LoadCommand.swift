import ArgumentParser
import Foundation
import NIOCore
import NIOPosix
import WeirNet

struct LoadCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "load",
        abstract: "Sends one request over and over, and prints what came of it.")

    @Option(help: "grpc or http.") var mode = LoadMode.grpc
    @Option(help: "Where to.") var url = "http://127.0.0.1:4317"
    @Option(help: "traces, metrics or logs.") var signal = PayloadSignal.traces
    @Option(help: "Items in a request.") var items = 100
    @Option(help: "A file with the body; without one it is made.") var body: String?
    @Option(help: "Connections.") var connections = 8
    @Option(help: "Seconds.") var seconds = 8.0
    @Option(help: "Items a second; 0 is as fast as it goes.") var rate = 0.0
    @Option(help: "Threads.") var threads = 2

    func run() async throws {
        let bytes =
            try body.map { [UInt8](try Data(contentsOf: URL(fileURLWithPath: $0))) }
            ?? Payload.make(signal, items: items)
        let load = Load(
            mode: mode, target: try TargetURL(parsing: url), signal: signal, items: items,
            body: ByteBuffer(bytes: bytes), connections: connections,
            duration: .nanoseconds(Int64(seconds * 1e9)), rate: rate)
        let group = MultiThreadedEventLoopGroup(numberOfThreads: threads)
        let result = try await load.run(on: group)
        print(
            "\(result.requests) requests, \(result.items) items in \(decimal(result.seconds, 2)) s: "
                + "\(Int(Double(result.items) / result.seconds)) items/s, "
                + "p50 \(decimal(result.milliseconds(quantile: 0.5), 2)) ms, "
                + "p99 \(decimal(result.milliseconds(quantile: 0.99), 2)) ms")
        for (reason, count) in result.failures.sorted(by: { $0.value > $1.value }) {
            print("\(count) failed: \(reason)")
        }
        if result.failed > 0 { throw ExitCode(1) }
    }
}

func decimal(_ value: Double, _ digits: Int) -> String {
    String(format: "%.\(digits)f", value)
}
