import NIOCore
import NIOSSL
import Synchronization

/// The TLS contexts of all clients. A context holds the trusted certificates, half a megabyte where
/// they are the system's, so clients with the same options share one.
enum ClientTLS {
    /// What a context is for.
    enum Purpose: Hashable {
        case http(ClientOptions.Version)
        /// Protocols that are not ours: nothing is negotiated in TLS.
        case bytes
    }

    private struct Key: Hashable {
        var options: ClientTLSOptions
        var purpose: Purpose
    }

    typealias Source = FromFiles<NIOSSLContext>

    private struct Known: Sendable {
        weak let source: Source?
    }

    private static let known = Mutex<[Key: Known]>([:])

    /// Where the context for these options comes from; it follows changes of the files. Those who
    /// use it keep it.
    static func source(
        _ options: ClientTLSOptions, _ version: ClientOptions.Version
    ) throws(NetError) -> Source {
        try source(options, .http(version))
    }

    static func source(
        _ options: ClientTLSOptions, _ purpose: Purpose
    ) throws(NetError) -> Source {
        let key = Key(options: options, purpose: purpose)
        let source = known.withLock { known in
            if let source = known[key]?.source { return source }
            let files = [options.caFile, options.certFile, options.keyFile].compactMap { $0 }
            let made = Source(files) { () throws(NetError) in try options.makeContext(purpose) }
            known = known.filter { $0.value.source != nil }
            known[key] = Known(source: made)
            return made
        }
        _ = try source.value()
        return source
    }
}

extension ClientTLSOptions {
    fileprivate func makeContext(_ purpose: ClientTLS.Purpose) throws(NetError) -> NIOSSLContext {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = minVersion.nio
        switch purpose {
        case .http(let version):
            configuration.applicationProtocols = version == .http1 ? ["http/1.1"] : ["h2"]
            if insecureSkipVerify { configuration.certificateVerification = .none }
        case .bytes:
            // The certificates are looked at all the same, to tell of them.
            if insecureSkipVerify {
                configuration.certificateVerification = .noHostnameVerification
            }
            // Who does not say goodbye is not waited for.
            configuration.shutdownTimeout = .milliseconds(250)
        }
        if let caFile {
            configuration.trustRoots = .certificates(
                try loading("ca_file", caFile) { try NIOSSLCertificate.fromPEMFile($0) })
        }
        if let certFile {
            configuration.certificateChain = try loading("cert_file", certFile) {
                try NIOSSLCertificate.fromPEMFile($0).map { .certificate($0) }
            }
        }
        if let keyFile {
            configuration.privateKey = .privateKey(
                try loading("key_file", keyFile) { try NIOSSLPrivateKey(file: $0, format: .pem) })
        }
        do {
            return try NIOSSLContext(configuration: configuration)
        } catch {
            throw NetError(.tls, "the client's TLS options cannot be used together: \(error)")
        }
    }
}
