import CWeir
import Synchronization
import WeirJSON

/// Requests to outside, HTTP and gRPC, over the host's connections.
@safe public struct HTTPClient: @unchecked Sendable {  // Sendable: a constant table
    let host: Host
    let api: UnsafePointer<weir_http_client>

    init?(_ host: Host) {
        guard let api = unsafe host.find(WEIR_EXT_HTTP_CLIENT, weir_http_client.self) else {
            return nil
        }
        self.host = host
        unsafe self.api = api
    }

    /// Prepares a client for the endpoint in settings of `weir:http_client` or `weir:grpc_client`;
    /// it connects at first need.
    public func open(
        _ settings: HostSettings, _ protocols: Protocols
    ) throws(ComponentError) -> Client {
        var raw: OpaquePointer? = nil
        try unsafe check { error in
            unsafe withSlice(settings.json.serialized()) {
                unsafe api.pointee.open(host.table, $0, protocols.rawValue, &raw, error)
            }
        }
        return unsafe Client(raw!, self)
    }
}

extension Host {
    /// The HTTP and gRPC client, if this host has one.
    public var httpClient: HTTPClient? { HTTPClient(self) }
}
