import Synchronization
import WeirSDK

/// Opens connections: to the server that was used last, or else to the next one.
final class Connector: Sendable {
    private let host: Host
    private let streams: Streams
    private let targets: [NatsTarget]
    private let settings: ConnectionSettings
    private let current = Atomic<Int>(0)

    init(_ settings: ConnectionSettings, _ host: Host) throws(ComponentError) {
        guard let streams = host.streams else {
            throw .unsupported("this host has no streams (weir.stream/1); use a newer one")
        }
        try settings.check()
        self.host = host
        self.streams = streams
        self.settings = settings
        targets = try NatsTarget.list(settings.endpoint)
    }

    /// Tries each server once.
    func open() throws(ComponentError) -> NatsConnection {
        let first = current.load(ordering: .relaxed)
        var failures: [String] = []
        for offset in targets.indices {
            let index = (first + offset) % targets.count
            do throws(ComponentError) {
                let connection = try NatsConnection(
                    host, streams, targets[index], settings,
                    deadline: host.deadline(in: settings.connectionTimeout))
                current.store(index, ordering: .relaxed)
                return connection
            } catch {
                if error.kind == .cancelled { throw error }
                let address = targets[index].address
                failures.append(
                    error.message.contains(address)
                        ? error.message : "\(address): \(error.message)")
            }
        }
        throw .retry("no connection to NATS: " + failures.prefix(3).joined(separator: "; "))
    }

    /// The next connection goes to another server, where there is one: this one has failed.
    func moveOn() { current.wrappingAdd(1, ordering: .relaxed) }
}
