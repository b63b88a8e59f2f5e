import Testing
import WeirTestKit

@testable import NatsPlugin

struct ConformanceTests {
    /// Nothing listens on this port: everything but the delivery has to work without a server.
    @Test(.timeLimit(.minutes(2))) func conforms() throws {
        let endpoint = "nats://127.0.0.1:\(LoopbackSocket.freePort())"
        try conformance(
            plugin,
            ConformanceOptions(settings: [
                "receiver nats": #"{"endpoint": "\#(endpoint)", "stream": "WEIR"}"#,
                "sink nats": #"{"endpoint": "\#(endpoint)"}"#,
            ]))
    }
}
