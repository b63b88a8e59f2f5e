package struct CertificatesSettings: Decodable, Sendable {
    package var files: [CertificateFileSettings]?
    package var endpoints: [CertificateEndpointSettings]?
    package var endpointTimeout: Duration?
}

package struct CertificateFileSettings: Decodable, Sendable {
    package var path: String
    package var name: String?
}

package struct CertificateEndpointSettings: Decodable, Sendable {
    package var endpoint: String
    package var name: String?
    package var tlsConfig: TLSSettings?

    private enum CodingKeys: String, CodingKey {
        case endpoint, name
        case tlsConfig = "tls_config"
    }
}
