import CWeir
import WeirJSON

/// Byte streams over TCP, TLS and unix sockets, for protocols of a plugin's own.
@safe public struct Streams: @unchecked Sendable {  // Sendable: a constant table
    private let host: Host
    private let api: UnsafePointer<weir_stream_api>

    init?(_ host: Host) {
        guard let api = unsafe host.find(WEIR_EXT_STREAM, weir_stream_api.self) else { return nil }
        self.host = host
        unsafe self.api = api
    }

    /// Connects as settings of `weir:stream_client` say. Blocks until the deadline.
    public func connect(
        _ settings: HostSettings, deadline: Deadline
    ) throws(ComponentError) -> Stream {
        var raw: OpaquePointer? = nil
        try unsafe check { error in
            unsafe withSlice(settings.json.serialized()) {
                unsafe api.pointee.connect(
                    host.table, $0, deadline.monotonicNanoseconds, &raw, error)
            }
        }
        return unsafe Stream(raw!, host, api)
    }
}

/// One connection. Used by one thread at a time; closed when it is released.
@safe public final class Stream {
    private let raw: OpaquePointer
    private let host: Host
    private let api: UnsafePointer<weir_stream_api>

    fileprivate init(_ raw: OpaquePointer, _ host: Host, _ api: UnsafePointer<weir_stream_api>) {
        unsafe self.raw = raw
        self.host = host
        unsafe self.api = api
    }

    deinit { unsafe api.pointee.close(host.table, raw) }

    /// Writes all.
    public func write(_ bytes: [UInt8], deadline: Deadline) throws(ComponentError) {
        try unsafe check { error in
            unsafe bytes.withUnsafeBytes {
                unsafe api.pointee.write(
                    host.table, raw, weir_slice($0), deadline.monotonicNanoseconds, error)
            }
        }
    }

    /// Reads at least one byte and at most `limit`; empty at the end of the stream.
    public func read(limit: Int, deadline: Deadline) throws(ComponentError) -> [UInt8] {
        var length = 0
        var bytes = [UInt8](repeating: 0, count: max(1, limit))
        try unsafe check { error in
            unsafe bytes.withUnsafeMutableBufferPointer {
                unsafe api.pointee.read(
                    host.table, raw, $0.baseAddress, $0.count, &length,
                    deadline.monotonicNanoseconds, error)
            }
        }
        bytes.removeLast(bytes.count - min(length, bytes.count))
        return bytes
    }
}

extension Host {
    /// Byte streams, if this host has them.
    public var streams: Streams? { Streams(self) }
}
