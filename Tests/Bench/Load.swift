import NIOCore
import NIOPosix
import Synchronization
import WeirNet
import WeirTelemetry

enum LoadMode: String, CaseIterable, Sendable { case grpc, http }

/// A closed loop: each connection sends its next request when the last one has been answered.
struct Load: Sendable {
    var mode = LoadMode.grpc
    var target: TargetURL
    var signal = PayloadSignal.traces
    var items: Int
    var body: ByteBuffer
    var connections = 8
    var duration = TimeAmount.seconds(8)
    /// Items a second over all connections; 0 is as fast as it goes.
    var rate = 0.0

    struct Result: Sendable {
        var seconds = 0.0
        var requests = 0
        var failures: [String: Int] = [:]
        var items = 0
        /// Nanoseconds, rising.
        var latencies: [Int64] = []

        var failed: Int { failures.values.reduce(0, +) }

        func milliseconds(quantile: Double) -> Double {
            guard !latencies.isEmpty else { return 0 }
            return Double(latencies[Int(quantile * Double(latencies.count - 1))]) / 1e6
        }
    }

    /// Runs on the loops of `group`, one connection after the other on each.
    func run(on group: any EventLoopGroup) async throws -> Result {
        var options = ClientOptions(target: target, version: mode == .grpc ? .grpc : .http1)
        options.insecure = true
        options.timeout = .seconds(30)
        let start = NIODeadline.now()
        let pace = Pace(start: start, end: start + duration, interval: interval)
        let senders = try (0..<connections).map { _ in
            let loop = group.next()
            return Sender(
                load: self, client: try HTTPClient(options: options, group: loop), loop: loop,
                pace: pace)
        }
        for sender in senders { sender.start() }
        var result = Result()
        for sender in senders {
            let part = try await sender.done.futureResult.get()
            result.requests += part.requests
            result.latencies += part.latencies
            result.failures.merge(part.failures, uniquingKeysWith: +)
        }
        result.seconds = Double((NIODeadline.now() - start).nanoseconds) / 1e9
        for sender in senders { try await sender.client.close().get() }
        result.items = result.requests * items
        result.latencies.sort()
        return result
    }

    private var interval: Double { rate > 0 ? Double(items) / rate * 1e9 : 0 }

    var request: ClientRequest {
        switch mode {
        case .grpc:
            ClientRequest(
                path: signal.signal.grpcPath, contentType: "application/grpc", parts: [body])
        case .http: ClientRequest(path: signal.signal.httpPath, parts: [body])
        }
    }
}

/// When the next request of any connection is due.
private final class Pace: Sendable {
    let start: NIODeadline
    let end: NIODeadline
    private let interval: Double
    private let ticket = Atomic<Int>(0)

    init(start: NIODeadline, end: NIODeadline, interval: Double) {
        self.start = start
        self.end = end
        self.interval = interval
    }

    var next: NIODeadline {
        guard interval > 0 else { return start }
        let number = ticket.wrappingAdd(1, ordering: .relaxed).oldValue
        return start + .nanoseconds(Int64(Double(number) * interval))
    }
}

/// One connection. Confined to its event loop.
private final class Sender: @unchecked Sendable {  // only its own event loop touches it
    let client: HTTPClient
    let done: EventLoopPromise<Load.Result>
    private let loop: any EventLoop
    private let request: ClientRequest
    private let isGRPC: Bool
    private let pace: Pace
    private var result = Load.Result()

    init(load: Load, client: HTTPClient, loop: any EventLoop, pace: Pace) {
        self.client = client
        self.loop = loop
        self.pace = pace
        request = load.request
        isGRPC = load.mode == .grpc
        done = loop.makePromise()
    }

    func start() { loop.execute { self.next() } }

    private func next() {
        let now = NIODeadline.now()
        guard now < pace.end else { return done.succeed(result) }
        let due = pace.next
        if due > now {
            guard due < pace.end else { return done.succeed(result) }
            loop.scheduleTask(deadline: due) { self.send() }
        } else {
            send()
        }
    }

    private func send() {
        let began = NIODeadline.now()
        client.send(request, on: loop) { answer in
            if let failure = self.failure(of: answer) {
                self.result.failures[failure, default: 0] += 1
                self.loop.scheduleTask(in: .milliseconds(5)) { self.next() }
                return
            }
            self.result.requests += 1
            self.result.latencies.append((NIODeadline.now() - began).nanoseconds)
            self.next()
        }
    }

    private func failure(of answer: ClientResult) -> String? {
        switch answer {
        case .failure(let error): return "\(error)"
        case .success(let response):
            if isGRPC {
                guard let status = response.grpc else { return "no grpc-status" }
                return status.code == .ok ? nil : "grpc-status \(status.code): \(status.message)"
            }
            return response.status == 200 ? nil : "status \(response.status)"
        }
    }
}
