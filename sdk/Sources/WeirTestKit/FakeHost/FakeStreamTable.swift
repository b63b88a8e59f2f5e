import CWeir
import WeirJSON
import WeirSDK

func streamTable() -> weir_stream_api {
    unsafe weir_stream_api(
        size: UInt32(MemoryLayout<weir_stream_api>.size), reserved: 0,
        connect: { host, settings, deadline, out, error in
            let host = unsafe FakeHost.of(host)
            host.checkAllowed("stream.connect")
            let text = unsafe settings.string
            return unsafe status(of: error!) { () throws(ComponentError) in
                guard let json = try? JSONValue(parsing: Array(text.utf8)) else {
                    throw .invalid("the settings of a stream are not JSON")
                }
                let stream = try FakeStream(json, deadline, host)
                unsafe out!.pointee = OpaquePointer(Unmanaged.passRetained(stream).toOpaque())
            }
        },
        write: { _, stream, bytes, deadline, error in
            unsafe status(of: error!) { () throws(ComponentError) in
                try unsafe FakeStream.from(stream).write(Array(bytes.bytes), deadline)
            }
        },
        read: { _, stream, data, capacity, length, deadline, error in
            unsafe status(of: error!) { () throws(ComponentError) in
                unsafe length!.pointee = try FakeStream.from(stream).read(
                    data!, capacity, deadline)
            }
        },
        close: { _, stream in
            unsafe Unmanaged<FakeStream>.fromOpaque(UnsafeRawPointer(stream!)).release()
        },
        start_tls: { _, stream, _, _, error in
            unsafe status(of: error!) { () throws(ComponentError) in
                try unsafe FakeStream.from(stream).startTLS()
            }
        },
        tls_info: { host, stream, found, context, error in
            let host = unsafe FakeHost.of(host)
            guard unsafe FakeStream.from(stream).hasTLS, let info = host.streams.tls else {
                return unsafe ComponentError.unsupported("the stream has no TLS").write(to: error!)
            }
            unsafe lend(info.certificates) { certificates in
                unsafe withSlice(info.version) { version in
                    unsafe withSlice(info.cipher) { cipher in
                        unsafe withSlice(info.problem) { problem in
                            var raw = unsafe weir_tls_info(
                                size: UInt32(MemoryLayout<weir_tls_info>.size),
                                verified: info.isVerified ? 1 : 0, version: version,
                                cipher: cipher, problem: problem,
                                certificates: certificates.baseAddress,
                                certificate_count: certificates.count)
                            unsafe found!(context, &raw)
                        }
                    }
                }
            }
            return Status.ok
        },
        info: { _, stream, info in
            unsafe FakeStream.from(stream).fill(&info!.pointee)
        },
        read_certificates: { host, bytes, found, context, error in
            let host = unsafe FakeHost.of(host)
            guard let list = unsafe host.streams[certificatesIn: Array(bytes.bytes)] else {
                return unsafe ComponentError.invalid("no certificate was found").write(to: error!)
            }
            unsafe lend(list) { unsafe found!(context, $0.baseAddress, $0.count) }
            return Status.ok
        })
}

private func status(
    of error: UnsafeMutablePointer<weir_error>, _ body: () throws(ComponentError) -> Void
) -> weir_status {
    do throws(ComponentError) {
        try body()
        return Status.ok
    } catch let failure {
        return unsafe failure.write(to: error)
    }
}

/// The certificates as the ABI has them, for the time of the call.
private func lend(
    _ certificates: [Certificate], _ body: (UnsafeBufferPointer<weir_certificate>) -> Void
) {
    var texts: [FakeText] = []
    var lists: [UnsafeMutableBufferPointer<weir_slice>] = unsafe []
    func text(_ text: String) -> weir_slice {
        texts.append(FakeText(text))
        return unsafe weir_slice(UnsafeBufferPointer(texts[texts.count - 1].bytes))
    }
    func list(_ names: [String]) -> UnsafePointer<weir_slice>? {
        let slices = UnsafeMutableBufferPointer<weir_slice>.allocate(capacity: names.count)
        _ = unsafe slices.initialize(from: names.map { unsafe text($0) })
        unsafe lists.append(slices)
        return unsafe UnsafePointer(slices.baseAddress)
    }
    var rows: [weir_certificate] = unsafe []
    for certificate in certificates {
        var row = unsafe weir_certificate()
        unsafe row.der = weir_slice(data: nil, length: 0)
        unsafe row.not_before = certificate.notBefore
        unsafe row.not_after = certificate.notAfter
        unsafe row.subject = text(certificate.subject)
        unsafe row.issuer = text(certificate.issuer)
        unsafe row.serial = text(certificate.serial)
        unsafe withUnsafeMutableBytes(of: &row.sha256) {
            unsafe $0.copyBytes(from: certificate.sha256.prefix($0.count))
        }
        unsafe row.dns_names = list(certificate.dnsNames)
        unsafe row.dns_name_count = certificate.dnsNames.count
        unsafe row.ip_addresses = list(certificate.ipAddresses)
        unsafe row.ip_address_count = certificate.ipAddresses.count
        unsafe rows.append(row)
    }
    unsafe rows.withUnsafeBufferPointer { unsafe body($0) }
    for index in unsafe lists.indices { unsafe lists[index].deallocate() }
    withExtendedLifetime(texts) {}
}
