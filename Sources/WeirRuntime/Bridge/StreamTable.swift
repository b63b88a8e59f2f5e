import CWeir
import NIOCore
import WeirJSON
import WeirNet

/// weir/ext/stream.h on WeirNet's byte streams.
enum StreamTable {
    nonisolated(unsafe) static let shared = unsafe HostExtensions.table(  // immutable
        weir_stream_api(
            size: UInt32(MemoryLayout<weir_stream_api>.size), reserved: 0,
            connect: { host, settings, deadline, out, error in
                let instance = unsafe ComponentInstance.from(host)
                let settings = unsafe settings.bytes
                return unsafe outcome(error!) { () throws(NetError) in
                    let stream = try instance.connect(settings, deadline)
                    unsafe out!.pointee = OpaquePointer(Unmanaged.passRetained(stream).toOpaque())
                }
            },
            write: { host, stream, bytes, deadline, error in
                let deadline = unsafe ComponentInstance.from(host).moment(deadline)
                let bytes = unsafe ByteBuffer(
                    bytes: UnsafeBufferPointer(start: bytes.data, count: bytes.length))
                return unsafe outcome(error!) { () throws(NetError) in
                    try unsafe from(stream).write(bytes, deadline: deadline)
                }
            },
            read: { host, stream, data, capacity, length, deadline, error in
                let deadline = unsafe ComponentInstance.from(host).moment(deadline)
                return unsafe outcome(error!) { () throws(NetError) in
                    let bytes = try unsafe from(stream).read(limit: capacity, deadline: deadline)
                    unsafe bytes.withUnsafeReadableBytes { bytes in
                        unsafe UnsafeMutableRawBufferPointer(start: data, count: capacity)
                            .copyMemory(from: bytes)
                    }
                    unsafe length!.pointee = bytes.readableBytes
                }
            },
            close: { host, stream in
                let stream = unsafe Unmanaged<ByteStream>
                    .fromOpaque(UnsafeRawPointer(stream!)).takeRetainedValue()
                stream.close()
                unsafe ComponentInstance.from(host).streams.remove(stream)
            },
            start_tls: { host, stream, settings, deadline, error in
                let deadline = unsafe ComponentInstance.from(host).moment(deadline)
                let settings = unsafe settings.bytes
                return unsafe outcome(error!) { () throws(NetError) in
                    let options = try StreamOptions(settings: settings, needsEndpoint: false)
                    try unsafe from(stream).startTLS(options, deadline: deadline)
                }
            },
            tls_info: { _, stream, found, context, error in
                guard let report = unsafe from(stream).report else {
                    unsafe error!.pointee.set(Status.unsupported, "the stream has no TLS")
                    return Status.unsupported
                }
                unsafe CertificateRows.lend(report) { unsafe found!(context, $0) }
                return Status.ok
            },
            info: { _, stream, info in unsafe fill(info!, from(stream)) },
            read_certificates: { _, bytes, found, context, error in
                let bytes = unsafe bytes.bytes
                return unsafe outcome(error!) { () throws(NetError) in
                    let rows = CertificateRows(try CertificateFile.certificates(in: bytes))
                    unsafe rows.lend { unsafe found!(context, $0.baseAddress, $0.count) }
                }
            }))

    private static func from(_ pointer: OpaquePointer?) -> ByteStream {
        unsafe Unmanaged<ByteStream>.fromOpaque(UnsafeRawPointer(pointer!)).takeUnretainedValue()
    }

    private static func outcome(
        _ error: UnsafeMutablePointer<weir_error>, _ body: () throws(NetError) -> Void
    ) -> weir_status {
        do throws(NetError) {
            try body()
            return Status.ok
        } catch let failure {
            let status = failure.streamStatus
            unsafe error.pointee.set(status, failure.message)
            return status
        }
    }

    /// Writes as much as the caller's struct has room for.
    private static func fill(_ out: UnsafeMutablePointer<weir_stream_info>, _ stream: ByteStream) {
        var info = weir_stream_info()
        let moments = stream.moments
        info.size = unsafe out.pointee.size
        let capacity = MemoryLayout.size(ofValue: info.address)
        let address = stream.address.utf8.prefix(capacity)
        unsafe withUnsafeMutableBytes(of: &info.address) { unsafe $0.copyBytes(from: address) }
        info.address_length = UInt32(address.count)
        info.began_ns = moments.began
        info.resolved_ns = moments.resolved
        info.connected_ns = moments.connected
        info.secured_ns = moments.secured
        let size = min(Int(info.size), MemoryLayout<weir_stream_info>.size)
        unsafe withUnsafeBytes(of: &info) { bytes in
            unsafe UnsafeMutableRawBufferPointer(start: out, count: size)
                .copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes.prefix(size)))
        }
    }
}

extension NetError {
    fileprivate var streamStatus: weir_status {
        switch kind {
        case .configuration: Status.invalid
        case .timeout: Status.timeout
        case .cancelled: Status.cancelled
        case .bindFailed, .connectFailed, .tls, .closed, .credentials: Status.retry
        case .protocolMismatch, .protocolViolation, .tooLarge: Status.refused
        }
    }
}

extension ComponentInstance {
    /// A deadline of the ABI as one of the event loops'.
    fileprivate func moment(_ deadline: weir_deadline) -> NIODeadline {
        guard deadline > 0 else { return .distantFuture }
        let now = services.time.monotonicNano
        return .now() + .nanoseconds(Int64(clamping: deadline > now ? deadline - now : 0))
    }

    fileprivate func connect(
        _ settings: [UInt8], _ deadline: weir_deadline
    ) throws(NetError) -> ByteStream {
        let options = try StreamOptions(settings: settings)
        let isKept = StreamOptions.areKeptAtStop(settings)
        var opened: ByteStream?
        do throws(NetError) {
            return try ByteStream.connect(
                options, group: services.group, deadline: moment(deadline),
                clock: { [services] in services.time.monotonicNano }
            ) { stream in
                opened = stream
                streams.add(stream, isKept: isKept)
            }
        } catch {
            if let opened { streams.remove(opened) }
            throw error
        }
    }
}
