import CWeir
import WeirJSON

/// Byte streams over TCP, TLS and unix sockets, for protocols of a plugin's own.
@safe public struct Streams: @unchecked Sendable {  // Sendable: a constant table
    let host: Host
    let api: UnsafePointer<weir_stream_api>

    init?(_ host: Host) {
        // What came later is asked for when it is used.
        let first = unsafe MemoryLayout<weir_stream_api>.offset(of: \weir_stream_api.start_tls)!
        guard
            let api = unsafe host.find(WEIR_EXT_STREAM, weir_stream_api.self, atLeast: first)
        else { return nil }
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
        return unsafe Stream(raw!, self)
    }

    /// Whether the host has what came with `start_tls`.
    var hasTLS: Bool { unsafe Int(api.pointee.size) >= MemoryLayout<weir_stream_api>.size }

    func requireTLS() throws(ComponentError) {
        if !hasTLS {
            throw .unsupported("this host's streams know nothing of TLS: a newer weir is needed")
        }
    }
}

/// One connection. Used by one thread at a time; closed when it is released.
///
/// Calls that block end with `timeout` at their deadline, and with `cancelled` once the component
/// is asked to stop, or, where the settings have `"kept_at_stop": true`, once `stop` has ended. After
/// any error the stream can only be closed.
@safe public final class Stream {
    let raw: OpaquePointer
    let streams: Streams
    private let host: Host
    private let api: UnsafePointer<weir_stream_api>

    fileprivate init(_ raw: OpaquePointer, _ streams: Streams) {
        unsafe self.raw = raw
        self.streams = streams
        host = streams.host
        unsafe api = streams.api
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

    /// Where the stream leads, and when it came about. With an old host all of it is absent.
    public var info: StreamInfo {
        guard streams.hasTLS else { return StreamInfo() }
        var raw = weir_stream_info()
        raw.size = UInt32(MemoryLayout<weir_stream_info>.size)
        unsafe api.pointee.info(host.table, self.raw, &raw)
        return StreamInfo(raw)
    }
}

/// Where a stream leads, and when it came about; moments are nanoseconds on ``Host/monotonic``.
public struct StreamInfo: Sendable, Equatable {
    /// `192.0.2.1:6379`, `[2001:db8::1]:6379`, `unix:/run/redis.sock`.
    public var address = ""
    /// When `connect` was called.
    public var began: UInt64 = 0
    /// When the name had become addresses.
    public var resolved: UInt64?
    /// When the other side had taken the connection.
    public var connected: UInt64?
    /// When the handshake of TLS was done.
    public var secured: UInt64?

    init() {}

    init(_ raw: weir_stream_info) {
        let length = min(Int(raw.address_length), MemoryLayout.size(ofValue: raw.address))
        address = unsafe withUnsafeBytes(of: raw.address) {
            unsafe String(decoding: $0.prefix(length), as: UTF8.self)
        }
        began = raw.began_ns
        resolved = raw.resolved_ns == 0 ? nil : raw.resolved_ns
        connected = raw.connected_ns == 0 ? nil : raw.connected_ns
        secured = raw.secured_ns == 0 ? nil : raw.secured_ns
    }
}

extension Host {
    /// Byte streams, if this host has them.
    public var streams: Streams? { Streams(self) }
}
