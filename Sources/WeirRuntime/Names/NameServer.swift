/// The name server to ask in place of resolv.conf's: `WEIR_DNS_SERVER`.
package struct NameServer: Sendable, Equatable {
    package static let variable = "WEIR_DNS_SERVER"

    /// An IPv4 address.
    package var address: String
    package var port: UInt16

    /// Reads `127.0.0.1:5353` or `127.0.0.1`; `nil` if it is neither.
    package init?(_ text: String) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        let octets = parts[0].split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count <= 2, octets.count == 4, octets.allSatisfy({ UInt8($0) != nil }) else {
            return nil
        }
        address = String(parts[0])
        port = 53
        if parts.count == 2 {
            guard let given = UInt16(parts[1]), given > 0 else { return nil }
            port = given
        }
    }
}
