import CWeir

/// Secrets, resolved by the host from references. Fetch one when it is needed and keep it no longer
/// than that, so that it can change while the process runs.
@safe public struct Secrets: @unchecked Sendable {  // Sendable: a constant table
    private let host: Host
    private let api: UnsafePointer<weir_secrets>

    init?(_ host: Host) {
        guard let api = unsafe host.find(WEIR_EXT_SECRETS, weir_secrets.self) else { return nil }
        self.host = host
        unsafe self.api = api
    }

    /// Calls `body` with the value. May block until the deadline.
    public func withSecret<R>(
        _ reference: String, deadline: Deadline, _ body: ([UInt8]) -> R
    ) throws(ComponentError) -> R {
        let lent = Lent()
        try unsafe check { error in
            unsafe withSlice(reference) {
                unsafe api.pointee.resolve(
                    host.table, $0, deadline.monotonicNanoseconds, Lent.keep, lent.context, error)
            }
        }
        guard let value = lent.value else {
            throw .refused("the host resolved a secret and did not lend it")
        }
        return body(value)
    }
}

extension Host {
    /// Secrets, if this host has them.
    public var secrets: Secrets? { Secrets(self) }
}
