import Glibc
import Synchronization
import WeirSDK

/// Which addresses a module wants.
struct AddressChoice: Sendable {
    var prefersVersion6: Bool
    var fallsBack: Bool

    /// blackbox_exporter's defaults: IPv6 first, then IPv4.
    init(_ preferred: String?, _ fallback: Bool?) {
        prefersVersion6 = preferred != "ip4"
        fallsBack = fallback ?? true
    }

    func choose(_ addresses: [IPAddress]) -> IPAddress? {
        addresses.first { $0.isVersion4 != prefersVersion6 }
            ?? (fallsBack ? addresses.first : nil)
    }
}

/// Looks names up as programs of this machine do, /etc/hosts included, and gives up in time: the
/// lookup goes on in a thread of its own, which nobody waits for.
enum NameLookup {
    private static let current = Atomic<Int>(0)
    /// More than are probed at once, so that only those that hang can come to it.
    private static let most = 256

    static func addresses(
        of name: String, within time: Duration
    ) throws(ProbeFailure) -> [IPAddress] {
        if let address = IPAddress(name) { return [address] }
        guard current.load(ordering: .relaxed) < most else {
            throw ProbeFailure(
                "\(name): \(most) lookups of names have no answer yet; is the name server there?"
            )
        }
        let found = Threads.result(within: time) { [lookup = Lookup()] in
            withExtendedLifetime(lookup) { resolve(name) }
        }
        guard let found else {
            throw ProbeFailure("\(name): no name server answered in time", isTimeout: true)
        }
        guard !found.isEmpty else { throw ProbeFailure("\(name): no address was found") }
        return found
    }

    /// Counts for as long as a lookup goes on.
    private final class Lookup: Sendable {
        init() { NameLookup.current.add(1, ordering: .relaxed) }
        deinit { NameLookup.current.subtract(1, ordering: .relaxed) }
    }

    private static func resolve(_ name: String) -> [IPAddress] {
        var hints = unsafe addrinfo()
        unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>? = nil
        guard unsafe getaddrinfo(name, nil, &hints, &list) == 0 else { return [] }
        defer { unsafe freeaddrinfo(list) }
        var found: [IPAddress] = []
        var next = unsafe list
        while let entry = unsafe next {
            let bytes = unsafe UnsafeRawBufferPointer(
                start: entry.pointee.ai_addr, count: Int(entry.pointee.ai_addrlen))
            switch unsafe entry.pointee.ai_family {
            case AF_INET where bytes.count >= 8:
                unsafe found.append(IPAddress(Array(bytes[4..<8])))
            case AF_INET6 where bytes.count >= 24:
                unsafe found.append(IPAddress(Array(bytes[8..<24])))
            default: break
            }
            unsafe next = entry.pointee.ai_next
        }
        return found
    }
}

extension Duration {
    /// At least one, for poll(2).
    var milliseconds: Int32 {
        let (seconds, attoseconds) = components
        let value = seconds * 1000 + attoseconds / 1_000_000_000_000_000
        return Int32(clamping: Swift.max(1, value))
    }
}
