import Synchronization
import WeirSDK

/// Opens connections: to the server that was used last, or else to the next one.
final class Connector: Sendable {
    private let host: Host
    private let streams: Streams
    private let targets: [NatsTarget]
    private let settings: ConnectionSettings
    private let keptAtStop: Bool
    private let current = Atomic<Int>(0)

    /// - Parameter keptAtStop: its connections are used until stop() has ended.
    init(
        _ settings: ConnectionSettings, _ host: Host, keptAtStop: Bool = false
    ) throws(ComponentError) {
        guard let streams = host.streams else {
            throw .unsupported("this host has no streams (weir.stream/1); use a newer one")
        }
        self.host = host
        self.streams = streams
        self.settings = settings
        self.keptAtStop = keptAtStop
        targets = try NatsTarget.list(settings.endpoint)
    }

    /// Tries each server once, within `connection_timeout` each and `limit` if that is shorter.
    func open(within limit: Duration = .seconds(3600)) throws(ComponentError) -> NatsConnection {
        let first = current.load(ordering: .relaxed)
        var failures: [String] = []
        for offset in targets.indices {
            let index = (first + offset) % targets.count
            do throws(ComponentError) {
                let connection = try NatsConnection(
                    host, streams, targets[index], settings, keptAtStop: keptAtStop,
                    deadline: host.deadline(in: min(limit, settings.connectionTimeout)))
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
