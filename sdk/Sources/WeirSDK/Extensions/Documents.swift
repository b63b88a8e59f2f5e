import CWeir

/// Files that people write, as JSON.
@safe public struct Documents: @unchecked Sendable {  // Sendable: a constant table, any-thread
    private let host: Host
    private let api: UnsafePointer<weir_document>

    init?(_ host: Host) {
        guard let api = unsafe host.find(WEIR_EXT_DOCUMENT, weir_document.self) else { return nil }
        self.host = host
        unsafe self.api = api
    }

    /// Reads one YAML document, which JSON is too, and gives the same as JSON.
    ///
    /// Scalars are what YAML 1.2's core schema says: `yes` is a text. Keys keep their order, aliases
    /// and `<<` are resolved, nothing is read from the environment; an empty document is `null`.
    /// Throws `invalid` with a text that begins with `line:column: `, both from 1.
    public func json(_ text: [UInt8]) throws(ComponentError) -> [UInt8] {
        let lent = Lent()
        try unsafe check { error in
            unsafe text.withUnsafeBytes { text in
                unsafe api.pointee.to_json(
                    host.table, weir_slice(text), Lent.keep, lent.context, error)
            }
        }
        return lent.value ?? []
    }
}

extension Host {
    /// The reader of YAML and JSON documents, if this host has one.
    public var documents: Documents? { Documents(self) }
}
