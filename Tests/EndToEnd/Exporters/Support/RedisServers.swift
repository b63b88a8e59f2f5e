import Foundation
import WeirTestKit

/// A Redis with a password, with TLS on a second port, and a replica of it.
final class RedisServers {
    static let password = "s3cret-of-redis"

    let port: Int
    let tlsPort: Int
    let replicaPort: Int
    let folder: TemporaryFolder
    private var server: RunningProcess?
    private var replica: RunningProcess?

    init() async throws {
        let ports = try await freePorts(3)
        (port, tlsPort, replicaPort) = (ports[0], ports[1], ports[2])
        folder = try TemporaryFolder()
        let script = """
            key='-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes'
            openssl req -x509 $key -keyout ca.key -out ca.pem -days 2 -subj /CN=redis-ca
            openssl req $key -keyout server.key -out server.csr -subj /CN=redis
            printf "subjectAltName=DNS:localhost" > ext
            openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 \
              -out server.pem -extfile ext
            """
        let made = try await Command.shell(script, folder: folder.path)
        guard made.status == 0 else { throw Failure("openssl: \(made.errors)") }
        try await start()
    }

    deinit { kill() }

    func start() async throws {
        let secure = [
            "--tls-port", "\(tlsPort)", "--tls-cert-file", "server.pem", "--tls-key-file",
            "server.key", "--tls-ca-cert-file", "ca.pem", "--tls-auth-clients", "no",
        ]
        server = try launch(port, secure, "server.log")
        replica = try launch(
            replicaPort,
            [
                "--replicaof", "127.0.0.1 \(port)", "--masterauth", Self.password,
            ], "replica.log")
        let isReady = await eventually(within: 20) {
            let info = try? await self.command("INFO", "replication")
            return info?.contains("state=online") == true
        }
        guard isReady else { throw Failure("redis: \((try? folder.read("server.log")) ?? "")") }
    }

    private func launch(
        _ port: Int, _ arguments: [String], _ log: String
    ) throws -> RunningProcess {
        try Command(
            "/usr/bin/redis-server",
            [
                "--port", "\(port)", "--bind", "127.0.0.1", "--save", "", "--requirepass",
                Self.password, "--repl-diskless-sync-delay", "0", "--dir", folder.path,
            ] + arguments, folder: folder.path
        ).start(output: "\(folder.path)/\(log)", errors: "\(folder.path)/\(log)")
    }

    func kill() {
        if server?.isRunning == true { server?.kill() }
        if replica?.isRunning == true { replica?.kill() }
        (server, replica) = (nil, nil)
    }

    func signal(_ number: Int32) {
        if let server { Foundation.kill(server.id, number) }
    }

    @discardableResult func command(
        _ words: String..., password: String = RedisServers.password
    ) async throws -> String {
        try await Command(
            "/usr/bin/redis-cli", ["-p", "\(port)"] + words,
            environment: ["REDISCLI_AUTH": password], limit: 10
        ).run().output
    }

    /// Keys of some kinds, an error and a stream with a group.
    func fill() async throws {
        for index in 0..<4 { try await command("SET", "key:\(index)", "\(index)") }
        try await command("SET", "key:text", "hello")
        try await command("RPUSH", "key:list", "a", "b")
        try await command("SET", "short", "lived", "EX", "3600")
        try await command("GET", "missing")
        try await command("LPUSH", "short", "x")
        try await command("XADD", "orders", "1526919030474-55", "item", "a")
        try await command("XGROUP", "CREATE", "orders", "billing", "0")
        try await command("XREADGROUP", "GROUP", "billing", "anna", "STREAMS", "orders", ">")
    }
}
