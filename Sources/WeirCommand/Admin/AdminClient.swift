import NIOCore
import NIOPosix
import WeirNet

/// Asks the admin endpoint of another process.
struct AdminClient {
    struct Answer: Sendable {
        let status: Int
        let text: String
    }

    private let client: HTTPClient

    /// - Parameter address: `host:port`.
    init(_ address: String) throws(NetError) {
        var options = ClientOptions(target: try TargetURL(parsing: address), version: .http1)
        options.insecure = true
        // A reload waits for what it takes out.
        options.timeout = .seconds(60)
        client = try HTTPClient(options: options, group: MultiThreadedEventLoopGroup.singleton)
    }

    func ask(_ method: String, _ path: String) throws(NetError) -> Answer {
        let promise = MultiThreadedEventLoopGroup.singleton.next().makePromise(of: Answer.self)
        client.send(
            ClientRequest(method: method, path: path, contentType: "", parts: [])
        ) { result in
            promise.completeWith(
                result.map { Answer(status: $0.status, text: String(buffer: $0.body)) }
                    .mapError { $0 as any Error })
        }
        do {
            return try promise.futureResult.wait()
        } catch {
            throw error as? NetError ?? NetError(.connectFailed, "\(error)")
        }
    }
}
