import Glibc
import NIOCore
import NIOSSL

/// The certificates of a handshake in their order, and what is wrong with them.
struct CertificateChain {
    /// The server's own first, then who vouches for it.
    private(set) var certificates: [X509Fields] = []

    init(leaf: NIOSSLCertificate?, others: [NIOSSLCertificate]) {
        guard let first = leaf.flatMap(Self.fields) else { return }
        certificates = [first]
        let others = others.compactMap(Self.fields)
        while let last = certificates.last, !last.isSelfSigned,
            let next = others.first(where: { other in
                other.subject == last.issuer && !certificates.contains { $0.der == other.der }
            })
        {
            certificates.append(next)
        }
    }

    private static func fields(_ certificate: NIOSSLCertificate) -> X509Fields? {
        (try? certificate.toDERBytes()).flatMap { X509Fields(der: $0) }
    }

    /// What to say of a chain that was not accepted, or that is for another name; `nil`: it is good.
    ///
    /// - Parameter name: what was asked for; an address, or `nil` for that of the connection.
    func problem(rejected: NIOSSLCertificate?, name: String?, address: String) -> String? {
        guard let leaf = certificates.first else { return "the server showed no certificate" }
        if let bad = rejected.flatMap(Self.fields) { return Self.reason(bad, leaf, time(nil)) }
        let wanted = name ?? address
        if matches(leaf, wanted) { return nil }
        let names = leaf.dnsNames + leaf.ipAddresses
        return
            "it is for \(names.isEmpty ? "no name at all" : names.prefix(5).joined(separator: ", ")), "
            + "not for \(wanted): set server_name_override to a name in it"
    }

    private static func reason(_ bad: X509Fields, _ leaf: X509Fields, _ now: Int) -> String {
        let it = bad.der == leaf.der ? "it" : "that of its authority \(bad.subject)"
        if bad.notAfter < now { return "\(it) expired on \(X509Time.date(bad.notAfter))" }
        if bad.notBefore > now {
            return "\(it) is not valid before \(X509Time.date(bad.notBefore))"
        }
        if bad.isSelfSigned {
            return "\(it) is signed by itself: set ca_file to it, if it is to be trusted"
        }
        return
            "\(it) is signed by \(bad.issuer), which is not trusted: set ca_file to that authority"
    }

    private func matches(_ leaf: X509Fields, _ name: String) -> Bool {
        if leaf.ipAddresses.contains(name) { return true }
        let wanted = name.lowercased()
        return leaf.dnsNames.contains { pattern in
            let pattern = pattern.lowercased()
            if pattern == wanted { return true }
            guard pattern.hasPrefix("*."), let dot = wanted.firstIndex(of: ".") else {
                return false
            }
            return wanted[dot...] == pattern.dropFirst()
        }
    }
}
