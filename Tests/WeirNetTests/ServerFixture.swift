import Foundation
import NIOCore
import NIOPosix
import Synchronization

@testable import WeirNet

let testGroup = MultiThreadedEventLoopGroup(numberOfThreads: 2)

/// Answers with what it got, and does what the path says.
final class EchoHandler: ServerHandler {
    struct Log: Sendable {
        var paths: [String] = []
        var bodies: [ByteBuffer] = []
        var declared: [Int?] = []
        var messages: [String] = []
        var aborted = 0
        var subjects: [String?] = []
        var held: [ServerExchange] = []
        var heldPromise: EventLoopPromise<Void>?
        var heldTarget = 0
    }
    let log = Mutex(Log())
    private let reservations = Atomic<Int>(0)

    /// Reservations that are alive when the event loops have ended what they are at: a client has
    /// its answer a moment before the exchange is released.
    var liveReservations: Int {
        for loop in testGroup.makeIterator() { try? loop.submit {}.wait() }
        return reservations.load(ordering: .relaxed)
    }

    final class Reservation: Sendable {
        let owner: EchoHandler
        init(_ owner: EchoHandler) {
            self.owner = owner
            owner.reservations.wrappingAdd(1, ordering: .relaxed)
        }
        deinit { owner.reservations.wrappingSubtract(1, ordering: .relaxed) }
    }

    func admit(_ head: RequestHead, declaredBytes: Int?) -> Admission {
        log.withLock { $0.declared.append(declaredBytes) }
        if head.path.hasSuffix("/full") {
            return .refuse(
                Refusal(httpStatus: 503, message: "queue is full", retryAfter: .milliseconds(1500)))
        }
        return .accept(reservation: Reservation(self))
    }

    func isClientStreaming(_ head: RequestHead) -> Bool { head.path.hasSuffix("/stream") }

    func receiveMessage(_ message: ByteBuffer, of exchange: ServerExchange) {
        log.withLock { $0.messages.append(String(buffer: message)) }
    }

    func streamAborted(_ exchange: ServerExchange) { log.withLock { $0.aborted += 1 } }

    func receive(_ exchange: ServerExchange) {
        let isHeld = exchange.path.hasSuffix("/hold")
        let promise = log.withLock { log -> EventLoopPromise<Void>? in
            log.paths.append(exchange.path)
            log.subjects.append(exchange.head.tlsPeerSubject)
            if exchange.body.readableBytes < 1 << 16 { log.bodies.append(exchange.body) }
            guard isHeld else { return nil }
            log.held.append(exchange)
            return log.held.count == log.heldTarget ? log.heldPromise : nil
        }
        if isHeld {
            promise?.succeed()
            return
        }
        if exchange.path.hasSuffix("/drop") { return }
        if exchange.path.hasSuffix("/error") {
            exchange.respondGRPC(
                GRPCStatus(.unavailable, "späť %", retryDelay: .milliseconds(2500)))
            return
        }
        if exchange.path.hasSuffix("/twice") {
            exchange.respond(status: 200, body: ByteBuffer(string: "once"))
            exchange.respond(status: 500)
            return
        }
        if exchange.path.hasSuffix("/thread") {
            Thread.detachNewThread {
                exchange.respond(status: 200, body: ByteBuffer(string: "from a thread"))
            }
            return
        }
        if exchange.isGRPC {
            exchange.respondGRPC(.ok, body: exchange.body)
        } else {
            exchange.respond(
                status: 200, headers: [("content-type", "text/plain")], body: exchange.body)
        }
    }

    /// Fulfilled when that many exchanges are held.
    func whenHolding(_ count: Int) -> EventLoopFuture<Void> {
        let promise = testGroup.next().makePromise(of: Void.self)
        log.withLock {
            $0.heldTarget = count
            $0.heldPromise = promise
        }
        return promise.futureResult
    }

    func releaseHeld(_ answer: (ServerExchange) -> Void) {
        let held = log.withLock { log -> [ServerExchange] in
            defer { log.held = [] }
            return log.held
        }
        for exchange in held { answer(exchange) }
    }
}

/// A server on a free port of this machine.
final class ServerFixture: Sendable {
    let server: HTTPServer
    let handler = EchoHandler()

    init(
        _ endpoint: Endpoint = .tcp(host: "127.0.0.1", port: 0),
        _ configure: (inout ServerOptions) -> Void = { _ in }
    ) throws {
        var options = ServerOptions(endpoint: endpoint)
        configure(&options)
        let box = MismatchBox()
        options.onProtocolMismatch = { mismatch in box.found.withLock { $0.append(mismatch) } }
        options.onRefusal = { refusal, _ in box.refused.withLock { $0.append(refusal.reason ?? "") }
        }
        server = HTTPServer(options: options, group: testGroup, handler: handler)
        self.box = box
        _ = try server.start().wait()
    }

    private final class MismatchBox: Sendable {
        let found = Mutex<[ProtocolMismatch]>([])
        let refused = Mutex<[String]>([])
    }
    private let box: MismatchBox
    var mismatchKinds: [ProtocolMismatch.Kind] { box.found.withLock { $0.map(\.kind) } }
    /// Why requests were refused that the handler did not see.
    var refusalReasons: [String] { box.refused.withLock { $0 } }
    var mismatchTexts: [String] { box.found.withLock { $0.map(\.text) } }

    var port: Int {
        guard case .tcp(_, let port)? = server.boundEndpoint else { return 0 }
        return port
    }

    func client(
        _ version: ClientOptions.Version, _ configure: (inout ClientOptions) -> Void = { _ in }
    ) throws -> HTTPClient {
        let url =
            port == 0 ? "\(server.boundEndpoint!)" : "http://127.0.0.1:\(port)"
        var options = ClientOptions(target: try TargetURL(parsing: url), version: version)
        configure(&options)
        return try HTTPClient(options: options, group: testGroup)
    }

    func stop() throws { try server.close().wait() }
}

extension HTTPClient {
    /// Sends and waits.
    func call(_ request: ClientRequest) -> ClientResult {
        let promise = testGroup.next().makePromise(of: ClientResult.self)
        send(request) { promise.succeed($0) }
        return try! promise.futureResult.wait()
    }
}

extension ClientResult {
    var error: NetError? {
        if case .failure(let error) = self { return error }
        return nil
    }
    var response: ClientResponse? { try? get() }
}

/// Runs a command; what it wrote, and its exit code.
func run(_ arguments: String..., input: [UInt8] = []) throws -> (out: String, code: Int32) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = arguments
    let output = Pipe()
    let stdin = Pipe()
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    process.standardInput = stdin
    try process.run()
    stdin.fileHandleForWriting.write(Data(input))
    try stdin.fileHandleForWriting.close()
    let bytes = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (String(decoding: bytes, as: UTF8.self), process.terminationStatus)
}
