/// Reads certificates from what stands in a file.
package enum CertificateFile {
    private static let begin = "-----BEGIN CERTIFICATE-----"
    private static let end = "-----END CERTIFICATE-----"

    /// PEM, with all that are in it, or one certificate in DER.
    package static func certificates(in bytes: [UInt8]) throws(NetError) -> [X509Fields] {
        if let one = X509Fields(der: bytes) { return [one] }
        var rest = String(decoding: bytes, as: UTF8.self)[...]
        var found: [X509Fields] = []
        while let start = rest.firstRange(of: begin) {
            rest = rest[start.upperBound...]
            let number = found.count + 1
            guard let stop = rest.firstRange(of: end) else {
                throw NetError(
                    .configuration, "certificate \(number) of the file has no \"\(end)\"")
            }
            let text = String(rest[..<stop.lowerBound].filter { !$0.isWhitespace })
            guard let der = Base64.decode(text), let fields = X509Fields(der: der) else {
                throw NetError(.configuration, "certificate \(number) of the file is damaged")
            }
            found.append(fields)
            rest = rest[stop.upperBound...]
        }
        guard !found.isEmpty else {
            throw NetError(
                .configuration,
                "the file has no certificate: expected PEM (\(begin)) or DER")
        }
        return found
    }
}
