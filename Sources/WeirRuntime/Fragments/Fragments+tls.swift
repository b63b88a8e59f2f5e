extension Fragments {
    static let tlsServer = #"""
        {
          "type": ["object", "null"],
          "description": "TLS with this certificate; absent: plaintext.",
          "properties": {
            "cert_file": {"type": "string", "format": "path", "description": "Certificate chain, PEM."},
            "key_file": {"type": "string", "format": "path", "description": "Private key, PEM."},
            "client_ca_file": {"type": "string", "format": "path",
              "description": "Clients must present a certificate that one of these authorities signed."},
            "min_version": {"type": "string", "enum": ["1.0", "1.1", "1.2", "1.3"], "default": "1.2",
              "description": "The oldest version of TLS that is accepted."}
          },
          "required": ["cert_file", "key_file"]
        }
        """#

    static let tlsClient = #"""
        {
          "type": ["object", "null"],
          "description": "How the server is verified, and who we are.",
          "properties": {
            "insecure": {"type": "boolean", "default": false,
              "description": "No TLS. For gRPC; over HTTP the URL's scheme says it."},
            "insecure_skip_verify": {"type": "boolean", "default": false,
              "description": "TLS without looking at the server's certificate."},
            "ca_file": {"type": "string", "format": "path",
              "description": "Authorities to trust instead of the system's, PEM."},
            "cert_file": {"type": "string", "format": "path", "description": "Our certificate, PEM."},
            "key_file": {"type": "string", "format": "path", "description": "Our private key, PEM."},
            "server_name_override": {"type": "string",
              "description": "The name to verify instead of the endpoint's host."},
            "min_version": {"type": "string", "enum": ["1.0", "1.1", "1.2", "1.3"], "default": "1.2",
              "description": "The oldest version of TLS that is accepted."}
          }
        }
        """#
}
