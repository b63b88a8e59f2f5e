import Glibc
import NIOCore
import NIOSSL

extension ServerTLSOptions {
    /// What connections are accepted with: the files as they are now.
    var source: FromFiles<NIOSSLContext> {
        FromFiles([certFile, keyFile] + (clientCAFile.map { [$0] } ?? [])) {
            () throws(NetError) in try makeContext()
        }
    }

    /// Loads the files.
    func makeContext() throws(NetError) -> NIOSSLContext {
        let chain = try loading("cert_file", certFile) {
            try NIOSSLCertificate.fromPEMFile($0).map { NIOSSLCertificateSource.certificate($0) }
        }
        let key = try loading("key_file", keyFile) { try NIOSSLPrivateKey(file: $0, format: .pem) }
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain, privateKey: .privateKey(key))
        configuration.minimumTLSVersion = minVersion.nio
        configuration.maximumTLSVersion = maxVersion?.nio
        configuration.applicationProtocols = (offersHTTP2 ? ["h2"] : []) + ["http/1.1"]
        if let clientCAFile {
            let roots = try loading("client_ca_file", clientCAFile) {
                try NIOSSLCertificate.fromPEMFile($0)
            }
            configuration.trustRoots = .certificates(roots)
            configuration.certificateVerification =
                clientCertificateIsOptional ? .optionalVerification : .noHostnameVerification
        }
        do {
            return try NIOSSLContext(configuration: configuration)
        } catch {
            throw NetError(
                .tls,
                "the certificate in \(certFile) and the key in \(keyFile) cannot be used together: \(error)"
            )
        }
    }
}

extension TLSMinimumVersion {
    var nio: TLSVersion {
        switch self {
        case .tls10: return .tlsv1
        case .tls11: return .tlsv11
        case .tls12: return .tlsv12
        case .tls13: return .tlsv13
        }
    }
}

/// Loads one PEM file and says which option it was when that fails.
func loading<T>(
    _ option: String, _ path: String, _ body: (String) throws -> T
) throws(NetError) -> T {
    // The library does not tell a file that is not there from one that holds something else.
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
        let reason = unsafe String(cString: strerror(errno))
        throw NetError(.tls, "\(option) \"\(path)\" cannot be read: \(reason)")
    }
    close(descriptor)
    do {
        return try body(path)
    } catch {
        throw NetError(
            .tls, "\(option) \"\(path)\" cannot be loaded: \(error); expected a PEM file")
    }
}

/// Finds the common name of a certificate's subject.
enum CertificateSubject {
    static func commonName(der: [UInt8]) -> String? {
        // Certificate > TBSCertificate > [0] version, serial, algorithm, issuer, validity, subject.
        var certificate = DER(der[...])
        guard var outer = certificate.next(0x30), var fields = outer.next(0x30) else { return nil }
        _ = fields.next(0xA0)
        guard fields.next(0x02) != nil, fields.next(0x30) != nil, fields.next(0x30) != nil,
            fields.next(0x30) != nil, var subject = fields.next(0x30)
        else { return nil }
        while var set = subject.next(0x31) {
            guard var pair = set.next(0x30), let name = pair.next(0x06) else { continue }
            // 2.5.4.3, commonName.
            guard name.bytes.elementsEqual([0x55, 0x04, 0x03]) else { continue }
            guard let value = pair.nextOfAnyTag() else { continue }
            return String(decoding: value.bytes, as: UTF8.self)
        }
        return nil
    }
}

/// Just enough of DER to walk to a certificate's subject.
private struct DER {
    var bytes: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) { self.bytes = bytes }

    mutating func next(_ tag: UInt8) -> DER? {
        guard bytes.first == tag else { return nil }
        return nextOfAnyTag()
    }

    mutating func nextOfAnyTag() -> DER? {
        var rest = bytes.dropFirst()
        guard var length = rest.popFirst().map(Int.init) else { return nil }
        if length >= 0x80 {
            let count = length & 0x7F
            guard count <= 3, rest.count >= count else { return nil }
            length = 0
            for _ in 0..<count { length = length << 8 | Int(rest.removeFirst()) }
        }
        guard rest.count >= length else { return nil }
        bytes = rest.dropFirst(length)
        return DER(rest.prefix(length))
    }
}
