import WeirTestKit

/// Certificates of the test run's own: an authority, a server (localhost), a client, and
/// a stranger.
struct Certificates: Sendable {
    let folder: TemporaryFolder
    static let shared = try! Certificates()

    func path(_ name: String) -> String { folder.path(name) }

    private init() throws {
        folder = try TemporaryFolder()
        let script = """
            set -e; cd \(folder.path)
            key='-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes'
            openssl req -x509 $key -keyout ca.key -out ca.pem -days 2 -subj /CN=test-ca
            openssl req -x509 $key -keyout other.key -out other.pem -days 2 -subj /CN=stranger
            sign() {
              openssl req $key -keyout $1.key -out $1.csr -subj "/O=weir/CN=$2"
              printf "subjectAltName=DNS:localhost" > ext
              openssl x509 -req -in $1.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -out $1.pem -extfile ext
            }
            sign server weir-server
            sign client "weir client"
            """
        guard try run("sh", "-c", script).code == 0 else { throw Failure.openssl }
    }

    enum Failure: Error { case openssl }
}
