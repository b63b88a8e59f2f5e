import CWeir

/// A small key-value store that survives the process. May block: not for threads that serve
/// sockets, one call at a time.
@safe public struct Storage: @unchecked Sendable {  // Sendable: a constant table
    private let host: Host
    private let api: UnsafePointer<weir_storage>

    init?(_ host: Host) {
        guard let api = unsafe host.find(WEIR_EXT_STORAGE, weir_storage.self) else { return nil }
        self.host = host
        unsafe self.api = api
    }

    /// The value of a key, if there is one.
    public func get(_ key: String) throws(ComponentError) -> [UInt8]? {
        let found = Lent()
        try unsafe check { error in
            unsafe withSlice(key) {
                unsafe api.pointee.get(host.table, $0, Lent.keep, found.context, error)
            }
        }
        return found.value
    }

    /// Writes a value; on stable storage when it returns.
    public func set(_ key: String, _ value: [UInt8]) throws(ComponentError) {
        try unsafe check { error in
            unsafe value.withUnsafeBytes { value in
                unsafe withSlice(key) {
                    unsafe api.pointee.set(host.table, $0, weir_slice(value), error)
                }
            }
        }
    }

    public func remove(_ key: String) throws(ComponentError) {
        try unsafe check { error in
            unsafe withSlice(key) { unsafe api.pointee.remove(host.table, $0, error) }
        }
    }
}

/// Receives a value that is lent for the time of a callback, by copying it.
final class Lent {
    var value: [UInt8]?

    var context: UnsafeMutableRawPointer { unsafe Unmanaged.passUnretained(self).toOpaque() }

    static let keep: @convention(c) (UnsafeMutableRawPointer?, weir_slice) -> Void = {
        let lent = unsafe Unmanaged<Lent>.fromOpaque($0!).takeUnretainedValue()
        lent.value = unsafe Array($1.bytes)
    }
}

extension Host {
    /// Storage, if this host has it.
    public var storage: Storage? { Storage(self) }
}
