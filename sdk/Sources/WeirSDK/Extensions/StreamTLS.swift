import CWeir
import WeirJSON

/// What a handshake of TLS came to.
public struct TLSInfo: Sendable, Equatable {
    /// `TLS 1.3`.
    public var version: String
    /// IANA's name: `TLS_AES_128_GCM_SHA256`.
    public var cipher: String
    /// An authority that we trust vouches for this name, now.
    public var isVerified: Bool
    /// What is wrong with the certificate, where it is not verified.
    public var problem: String
    /// The server's certificate, then that of its authority, and so on, as far up as we know them.
    /// The last one of a verified chain is the trusted authority itself.
    public var certificates: [Certificate]

    public init(
        version: String, cipher: String, isVerified: Bool, problem: String = "",
        certificates: [Certificate]
    ) {
        self.version = version
        self.cipher = cipher
        self.isVerified = isVerified
        self.problem = problem
        self.certificates = certificates
    }
}

/// What an X.509 certificate says.
public struct Certificate: Sendable, Hashable {
    public var der: [UInt8]
    /// Seconds since 1970.
    public var notBefore: Int64
    /// Seconds since 1970.
    public var notAfter: Int64
    /// RFC 2253: `CN=db.example,O=Example,C=CH`.
    public var subject: String
    public var issuer: String
    /// Hexadecimal, lower case.
    public var serial: String
    /// Of `der`, 32 bytes.
    public var sha256: [UInt8]
    /// Alternative names of the subject.
    public var dnsNames: [String]
    public var ipAddresses: [String]

    public init(
        der: [UInt8], notBefore: Int64, notAfter: Int64, subject: String, issuer: String,
        serial: String, sha256: [UInt8], dnsNames: [String] = [], ipAddresses: [String] = []
    ) {
        self.der = der
        self.notBefore = notBefore
        self.notAfter = notAfter
        self.subject = subject
        self.issuer = issuer
        self.serial = serial
        self.sha256 = sha256
        self.dnsNames = dnsNames
        self.ipAddresses = ipAddresses
    }

    init(_ raw: weir_certificate) {
        der = unsafe Array(raw.der.bytes)
        notBefore = unsafe raw.not_before
        notAfter = unsafe raw.not_after
        subject = unsafe raw.subject.string
        issuer = unsafe raw.issuer.string
        serial = unsafe raw.serial.string
        sha256 = unsafe withUnsafeBytes(of: raw.sha256) { unsafe Array($0) }
        dnsNames = unsafe UnsafeBufferPointer(start: raw.dns_names, count: raw.dns_name_count)
            .map { unsafe $0.string }
        ipAddresses = unsafe UnsafeBufferPointer(
            start: raw.ip_addresses, count: raw.ip_address_count
        ).map { unsafe $0.string }
    }
}

extension Stream {
    /// Goes over to TLS (STARTTLS), as `tls` in settings of `weir:stream_client` says; where it has
    /// none, with the system's authorities.
    ///
    /// The name that is verified is `server_name_override`, or the host of the endpoint in these
    /// settings, or, without one, that of `connect`. What the other side sent before and was not
    /// read makes it fail.
    public func startTLS(_ settings: HostSettings, deadline: Deadline) throws(ComponentError) {
        try streams.requireTLS()
        try unsafe check { error in
            unsafe withSlice(settings.json.serialized()) {
                unsafe streams.api.pointee.start_tls(
                    streams.host.table, raw, $0, deadline.monotonicNanoseconds, error)
            }
        }
    }

    /// What the handshake came to; `nil`: the stream has no TLS.
    public func tlsInfo() throws(ComponentError) -> TLSInfo? {
        try streams.requireTLS()
        var info: TLSInfo?
        do throws(ComponentError) {
            try unsafe check { error in
                unsafe withUnsafeMutablePointer(to: &info) { info in
                    unsafe streams.api.pointee.tls_info(
                        streams.host.table, raw,
                        { context, raw in
                            let info = unsafe context!.assumingMemoryBound(to: TLSInfo?.self)
                            unsafe info.pointee = TLSInfo(raw!.pointee)
                        }, info, error)
                }
            }
        } catch {
            if error.kind == .unsupported { return nil }
            throw error
        }
        return info
    }
}

extension Streams {
    /// Reads certificates from a file's bytes: PEM, all that are in it, or one in DER.
    public func certificates(in bytes: [UInt8]) throws(ComponentError) -> [Certificate] {
        try requireTLS()
        var found: [Certificate] = []
        try unsafe check { error in
            unsafe withUnsafeMutablePointer(to: &found) { found in
                unsafe bytes.withUnsafeBytes { bytes in
                    unsafe api.pointee.read_certificates(
                        host.table, weir_slice(bytes),
                        { context, rows, count in
                            let list = unsafe context!.assumingMemoryBound(to: [Certificate].self)
                            let rows = unsafe UnsafeBufferPointer(start: rows, count: count)
                            unsafe list.pointee = unsafe rows.map { unsafe Certificate($0) }
                        }, found, error)
                }
            }
        }
        return found
    }
}

extension TLSInfo {
    init(_ raw: weir_tls_info) {
        version = unsafe raw.version.string
        cipher = unsafe raw.cipher.string
        isVerified = unsafe raw.verified == 1
        problem = unsafe raw.problem.string
        certificates = unsafe UnsafeBufferPointer(
            start: raw.certificates, count: raw.certificate_count
        ).map { unsafe Certificate($0) }
    }
}
