import Foundation
import WeirTestKit

/// nginx with certificates of known beginnings and ends, until it is released.
final class ProbeSite {
    static let expired = 1_577_836_800.0  // 2020-01-01
    static let validUntil = 2_524_608_000.0  // 2050-01-01

    let folder: TemporaryFolder
    /// Plain, and with a certificate that is valid, expired, not yet valid, and for another name.
    let ports: [Int]
    private let process: RunningProcess

    var plain: String { "http://127.0.0.1:\(ports[0])" }
    var valid: String { "https://localhost:\(ports[1])" }
    var authority: String { "\(folder.path)/ca.pem" }

    init() async throws {
        folder = try TemporaryFolder()
        ports = try await freePorts(5)
        let made = try await Command.shell(Self.certificates, folder: folder.path)
        guard made.status == 0 else { throw Failure("openssl: \(made.errors)") }
        let servers = zip(ports.dropFirst(), ["valid", "expired", "future", "other"]).map {
            """
            server {
              listen 127.0.0.1:\($0) ssl; ssl_certificate \($1).pem; ssl_certificate_key key.pem;
              location / { return 200 "secure\\n"; }
            }
            """
        }.joined(separator: "\n")
        try folder.write(
            """
            daemon off; pid nginx.pid; error_log error.log;
            events {}
            http {
              access_log off; client_body_temp_path body; proxy_temp_path proxy;
              fastcgi_temp_path fastcgi; uwsgi_temp_path uwsgi; scgi_temp_path scgi;
              server {
                listen 127.0.0.1:\(ports[0]);
                location = /redirect { return 302 /final; }
                location = /loop { return 302 /loop; }
                location = /final { add_header X-Place final; return 200 "the end\\n"; }
                location = /missing { return 404 "gone\\n"; }
                location = /file { root .; try_files /page.txt =404; }
                location / { return 200 "hello\\n"; }
              }
            \(servers)
            }
            """, to: "nginx.conf")
        try folder.write("a page\n", to: "page.txt")
        process = try Command(
            "/usr/sbin/nginx",
            ["-p", folder.path, "-c", "\(folder.path)/nginx.conf", "-e", "error.log"],
            folder: folder.path
        ).start(output: "\(folder.path)/nginx.log", errors: "\(folder.path)/nginx.log")
        let url = plain
        let answers = await eventually(within: 20) { (try? await Answer.get(url)) != nil }
        guard answers else {
            throw Failure("nginx: \((try? folder.read("nginx.log")) ?? "")")
        }
    }

    deinit { if process.isRunning { process.terminate() } }

    private static let certificates = """
        set -e
        printf '%s\\n' '[ca]' 'default_ca=d' '[d]' 'new_certs_dir=.' 'database=index' 'serial=serial' \
          'default_md=sha256' 'policy=p' 'copy_extensions=copy' 'unique_subject=no' '[p]' \
          'commonName=supplied' > ca.cnf
        : > index; echo 1000 > serial
        openssl req -x509 -newkey rsa:2048 -nodes -keyout cakey.pem -out ca.pem -days 3650 \
          -subj '/CN=Probe CA' -addext basicConstraints=critical,CA:TRUE 2>/dev/null
        openssl req -newkey rsa:2048 -nodes -keyout key.pem -out own.csr -subj /CN=localhost \
          -addext subjectAltName=DNS:localhost,IP:127.0.0.1 2>/dev/null
        openssl req -new -key key.pem -out other.csr -subj /CN=other.example \
          -addext subjectAltName=DNS:other.example
        sign() { openssl ca -batch -config ca.cnf -cert ca.pem -keyfile cakey.pem -notext \
          -in "$2" -out "$1.pem" -startdate "$3" -enddate "$4" 2>/dev/null; }
        sign valid own.csr 20200101000000Z 20500101000000Z
        sign expired own.csr 20190101000000Z 20200101000000Z
        sign future own.csr 20400101000000Z 20500101000000Z
        sign other other.csr 20200101000000Z 20500101000000Z
        """

    /// `modules:` as blackbox.yml has it.
    var modules: String {
        """
        modules:
          http_2xx:
            prober: http
            timeout: 5s
            http: {preferred_ip_protocol: ip4, tls_config: {ca_file: "\(authority)"}}
          http_any:
            prober: http
            timeout: 5s
            http: {preferred_ip_protocol: ip4, tls_config: {insecure_skip_verify: true}}
          body:
            prober: http
            http:
              preferred_ip_protocol: ip4
              valid_status_codes: [200, 404]
              fail_if_body_matches_regexp: ["gone"]
              fail_if_header_not_matches: [{header: Content-Type, regexp: "text/.*"}]
          tcp_connect: {prober: tcp, tcp: {preferred_ip_protocol: ip4}}
          tls_connect:
            prober: tcp
            tcp: {preferred_ip_protocol: ip4, tls: true, tls_config: {ca_file: "\(authority)"}}
          talk:
            prober: tcp
            tcp:
              preferred_ip_protocol: ip4
              query_response:
              - {send: "GET / HTTP/1.0\\r\\n\\r"}
              - {expect: "^HTTP/1.1 (.*)"}
          talk_wrong:
            prober: tcp
            tcp:
              preferred_ip_protocol: ip4
              query_response: [{send: "GET / HTTP/1.0\\r\\n\\r"}, {expect: "^SSH"}]
          ping: {prober: icmp, icmp: {preferred_ip_protocol: ip4}}
        """
    }
}
