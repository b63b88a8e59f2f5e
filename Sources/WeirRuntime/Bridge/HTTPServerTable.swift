import CWeir
import NIOCore
import WeirJSON
import WeirNet

/// weir/ext/http_server.h on WeirNet's server.
enum HTTPServerTable {
    nonisolated(unsafe) static let shared = unsafe HostExtensions.table(  // immutable
        weir_http_server(
            size: UInt32(MemoryLayout<weir_http_server>.size), reserved: 0,
            listen: { host, settings, protocols, handler, out, error in
                let instance = unsafe ComponentInstance.from(host)
                do throws(NetError) {
                    let listener = try unsafe PluginListener(
                        instance: instance, settings: settings.bytes, protocols: protocols,
                        handler: handler!.copied)
                    unsafe out!.pointee = OpaquePointer(
                        Unmanaged.passRetained(listener).toOpaque())
                    return Status.ok
                } catch let reason {
                    unsafe error!.pointee.set(Status.refused, reason.message)
                    return Status.refused
                }
            },
            port: { _, listener in
                unsafe Unmanaged<PluginListener>.fromOpaque(UnsafeRawPointer(listener!))
                    .takeUnretainedValue().port
            },
            close: { _, listener, deadline in
                unsafe Unmanaged<PluginListener>.fromOpaque(UnsafeRawPointer(listener!))
                    .takeRetainedValue().close(deadlineNano: deadline)
            },
            header: { _, exchange, name in
                unsafe PluginExchange.from(exchange!).header(name)
            },
            respond: { _, exchange, response in
                unsafe PluginExchange.from(exchange!).respond(response!.copied)
            }))
}
