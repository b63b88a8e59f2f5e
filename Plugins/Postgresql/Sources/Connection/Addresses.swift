import Glibc
import WeirSDK

/// The addresses of a name, by the machine's own rules (`/etc/hosts` too), in its order.
func addresses(
    of name: String, _ limit: inout TimeLimit
) throws(PostgresError) -> [String] {
    if isAddress(name) { return [name] }
    let milliseconds = limit.remaining
    guard
        let found = Threads.result(within: .milliseconds(milliseconds), of: { lookUp(name) })
    else {
        throw PostgresError(.timeout, "\(name) was not resolved within \(milliseconds) ms")
    }
    switch found {
    case .success(let addresses): return addresses
    case .failure(let error): throw error
    }
}

/// Blocks for as long as the resolver takes.
private func lookUp(_ name: String) -> Result<[String], PostgresError> {
    var hints = unsafe addrinfo()
    unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    var list: UnsafeMutablePointer<addrinfo>?
    let status = unsafe getaddrinfo(name, nil, &hints, &list)
    defer { if let list = unsafe list { unsafe freeaddrinfo(list) } }
    guard status == 0 else {
        let reason = unsafe String(cString: gai_strerror(status))
        return .failure(PostgresError(.connection, "the host \(name) was not found: \(reason)"))
    }
    var addresses: [String] = []
    var next = unsafe list
    while let entry = unsafe next {
        var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
        let status = unsafe getnameinfo(
            entry.pointee.ai_addr, entry.pointee.ai_addrlen, &text, socklen_t(text.count), nil, 0,
            NI_NUMERICHOST)
        let address = String(
            decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        if status == 0, !addresses.contains(address) { addresses.append(address) }
        unsafe next = entry.pointee.ai_next
    }
    return .success(addresses)
}

private func isAddress(_ name: String) -> Bool {
    var bytes = [UInt8](repeating: 0, count: 16)
    return unsafe inet_pton(AF_INET, name, &bytes) == 1 || inet_pton(AF_INET6, name, &bytes) == 1
}
