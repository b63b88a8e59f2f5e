import WeirSDK

/// Says that the servers are gone and that they are back.
final class LinkLog: Sendable {
    private let host: Host
    private let outage: OutageLog

    init(_ host: Host) {
        self.host = host
        outage = OutageLog(host)
    }

    func failed(_ message: String) { outage.failed("\(message). It is tried again") }

    func succeeded(_ address: String) {
        host.log(.debug, "connected to \(address)")
        outage.succeeded("connected to \(address) again")
    }
}
