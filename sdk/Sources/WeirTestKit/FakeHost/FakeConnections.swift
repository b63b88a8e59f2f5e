import CWeir
import Glibc
import Synchronization
import WeirJSON
public import WeirSDK

/// The connections of a component under test: real sockets, TCP or unix, without TLS. Deadlines are
/// virtual, and what is left of them when a call begins passes in real time.
///
/// Where the component asks for TLS, the bytes stay plaintext, and ``tls`` is what the handshake is
/// said to have come to; without one, TLS fails.
public final class FakeConnections: Sendable {
    private struct State: Sendable {
        var open = 0
        var made = 0
        var tls: TLSInfo?
        var certificates: [[UInt8]: [Certificate]] = [:]
    }

    private let state = Mutex(State())

    /// Streams that were not closed.
    public var openCount: Int { state.withLock { $0.open } }
    /// Streams that were ever opened.
    public var madeCount: Int { state.withLock { $0.made } }

    /// What every handshake comes to.
    public var tls: TLSInfo? {
        get { state.withLock { $0.tls } }
        set { state.withLock { $0.tls = newValue } }
    }

    /// The certificates that are read from these bytes of a file.
    public subscript(certificatesIn bytes: [UInt8]) -> [Certificate]? {
        get { state.withLock { $0.certificates[bytes] } }
        set { state.withLock { $0.certificates[bytes] = newValue } }
    }

    func opened() {
        state.withLock { state in
            state.open += 1
            state.made += 1
        }
    }

    func closed() { state.withLock { $0.open -= 1 } }
}

/// One socket.
final class FakeStream {
    let socket: Int32
    private let host: FakeHost
    private var moments: StreamInfoMoments
    private(set) var hasTLS = false

    struct StreamInfoMoments {
        var address: String
        var began: UInt64
        var secured: UInt64 = 0
    }

    init(_ settings: JSONValue, _ deadline: UInt64, _ host: FakeHost) throws(ComponentError) {
        guard let endpoint = settings["endpoint"]?.stringValue else {
            throw .invalid("endpoint is missing: write host:port")
        }
        self.host = host
        moments = StreamInfoMoments(address: endpoint, began: host.monotonic)
        socket = try FakeSocket.connect(endpoint, FakeWait(host, deadline))
        host.streams.opened()
        if let tls = settings["tls"], tls != .null, tls["insecure"]?.boolValue != true {
            try startTLS()
        }
    }

    deinit {
        _ = Glibc.close(socket)
        host.streams.closed()
    }

    func startTLS() throws(ComponentError) {
        guard host.streams.tls != nil else {
            throw .refused("a fake host has no TLS: set its streams.tls")
        }
        hasTLS = true
        moments.secured = host.monotonic
    }

    func write(_ bytes: [UInt8], _ deadline: UInt64) throws(ComponentError) {
        let wait = FakeWait(host, deadline)
        var rest = bytes[...]
        while !rest.isEmpty {
            try wait.until(socket, POLLOUT, "write")
            let sent = unsafe rest.withUnsafeBytes {
                unsafe send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            if sent < 0 { throw FakeSocket.failure("write") }
            rest = rest.dropFirst(sent)
        }
    }

    func read(
        _ data: UnsafeMutablePointer<UInt8>, _ capacity: Int, _ deadline: UInt64
    ) throws(ComponentError) -> Int {
        try FakeWait(host, deadline).until(socket, POLLIN, "read")
        let count = unsafe recv(socket, data, capacity, 0)
        if count < 0 { throw FakeSocket.failure("read") }
        return count
    }

    func fill(_ info: inout weir_stream_info) {
        unsafe withUnsafeMutableBytes(of: &info.address) {
            unsafe $0.copyBytes(from: moments.address.utf8.prefix($0.count))
        }
        info.address_length = UInt32(
            min(moments.address.utf8.count, MemoryLayout.size(ofValue: info.address)))
        info.began_ns = moments.began
        info.resolved_ns = moments.began
        info.connected_ns = moments.began
        info.secured_ns = moments.secured
    }

    static func from(_ raw: OpaquePointer?) -> FakeStream {
        unsafe Unmanaged<FakeStream>.fromOpaque(UnsafeRawPointer(raw!)).takeUnretainedValue()
    }
}
