import NIOCore
import NIOPosix

/// Ports of this machine on which nothing listens.
func freePorts(_ count: Int) async throws -> [Int] {
    var listeners: [any Channel] = []
    for _ in 0..<count {
        listeners.append(
            try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
                .bind(host: "127.0.0.1", port: 0).get())
    }
    // All are taken before the first is given back, so that no port comes twice.
    let ports = listeners.compactMap { $0.localAddress?.port }
    for listener in listeners { try await listener.close().get() }
    return ports
}
