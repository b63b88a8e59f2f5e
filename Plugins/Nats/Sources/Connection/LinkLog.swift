import Synchronization
import WeirSDK

/// Says once that the servers are gone and once that they are back.
final class LinkLog: Sendable {
    private let host: Host
    private let isFailing = Atomic<Bool>(false)

    init(_ host: Host) { self.host = host }

    func failed(_ message: String) {
        guard !isFailing.exchange(true, ordering: .relaxed) else { return }
        host.log(.warning, "\(message). It is tried again")
    }

    func succeeded(_ address: String) {
        if isFailing.exchange(false, ordering: .relaxed) {
            host.log(.info, "connected to \(address) again")
        } else {
            host.log(.debug, "connected to \(address)")
        }
    }
}
