import Foundation
import Glibc
import WeirTestKit

/// A PostgreSQL, in a folder of its own, that ends with this process at the latest.
final class PostgresServer: Sendable {
    let port: Int
    let folder: String
    /// Where `bin` is.
    private let programs: String

    /// Statements are counted, where the server can, and the user `secret` needs a password.
    ///
    /// - Parameter programs: a folder with the server's `bin`, `lib` and `share`; `nil`: Debian's.
    init(programs: String? = nil) throws {
        (port, folder) = (LoopbackSocket.freePort(), try PostgresServer.makeFolder())
        self.programs = programs == nil ? PostgresServer.installed : folder + "/server"
        // The user that runs it may not see where it lies.
        if let programs { try PostgresServer.shell("cp -r '\(programs)' server", folder: folder) }
        try run(
            """
            $as $bin/initdb -D data -U weir --auth=trust >initdb.log
            cat > hba <<END
            host all secret 127.0.0.1/32 scram-sha-256
            host all all 127.0.0.1/32 trust
            host replication all 127.0.0.1/32 trust
            END
            cp hba data/pg_hba.conf
            cat >> data/postgresql.conf <<END
            port = \(port)
            listen_addresses = '127.0.0.1'
            unix_socket_directories = ''
            fsync = off
            END
            [ -e $bin/../lib/pg_stat_statements.so ] &&
                echo "shared_preload_libraries = 'pg_stat_statements'" >> data/postgresql.conf
            true
            """)
        try start()
        try run(PostgresServer.watch)
    }

    /// A standby of another server, with a slot.
    init(standbyOf primary: PostgresServer) throws {
        (port, folder) = (LoopbackSocket.freePort(), try PostgresServer.makeFolder())
        programs = primary.programs
        try run(
            """
            $as $bin/pg_basebackup -h 127.0.0.1 -p \(primary.port) -U weir -D data -R -C -S standby -c fast
            echo "port = \(port)" >> data/postgresql.conf
            """)
        try start()
        try run(PostgresServer.watch)
    }

    deinit { _ = try? run("$as $bin/pg_ctl -D data -m immediate stop; rm -rf \(folder)") }

    func start() throws {
        try run("(let_go; exec $as $bin/pg_ctl -D data -w -l data/log start >/dev/null)")
    }
    func stop() throws { try run("$as $bin/pg_ctl -D data -w -m immediate stop >/dev/null") }

    func endpoint(_ database: String = "postgres", user: String = "weir") -> String {
        "postgresql://\(user)@127.0.0.1:\(port)/\(database)?sslmode=disable"
    }

    /// Runs statements with psql, and gives what they print.
    @discardableResult
    func sql(_ text: String, database: String = "postgres") throws -> String {
        try run(
            "LD_LIBRARY_PATH=$programs/lib $bin/psql -X -q -A -t -v ON_ERROR_STOP=1 -h 127.0.0.1 -p \(port) -U weir -d \(database) -c \"$sql\"",
            ["sql": text])
    }

    /// Whether a query comes to print this within five seconds: backends end a little after their
    /// sessions.
    func settles(_ query: String, at text: String) throws -> Bool {
        for _ in 0..<50 {
            if try sql(query) == text { return true }
            usleep(100_000)
        }
        return false
    }

    /// Runs what stays without the descriptor by whose end Foundation sees that the shell ended.
    private static let alone = """
        let_go() { for fd in /proc/$BASHPID/fd/*; do fd=${fd##*/}
        if [ "$fd" -gt 2 ]; then eval "exec $fd>&-"; fi; done; }
        """

    /// Ends the server when this process is gone.
    private static let watch = """
        (let_go; exec bash -c 'while kill -0 \(getpid()) 2>/dev/null; do sleep 1; done
        '"$as $bin"'/pg_ctl -D data -m immediate stop; rm -rf "$PWD"') >/dev/null 2>&1 </dev/null &
        """

    /// The newest of Debian's.
    private static let installed = "$(ls -d /usr/lib/postgresql/* | tail -1)"

    private static func makeFolder() throws -> String {
        let folder = NSTemporaryDirectory() + "weir-postgres-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        // PostgreSQL refuses to run as root.
        if getuid() == 0 { _ = try shell("chown postgres .", folder: folder) }
        return folder
    }

    @discardableResult
    private func run(_ script: String, _ environment: [String: String] = [:]) throws -> String {
        try PostgresServer.shell(
            """
            programs=\(programs); bin=$programs/bin; as=""
            [ "$(id -u)" = 0 ] && as="setpriv --reuid postgres --regid postgres --clear-groups"
            # Programs of another version shall not find Debian's libpq.
            as="env LD_LIBRARY_PATH=$programs/lib $as"
            \(PostgresServer.alone)
            \(script)
            """, folder: folder, environment)
    }

    @discardableResult
    private static func shell(
        _ script: String, folder: String, _ environment: [String: String] = [:]
    ) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/bash")
        process.arguments = ["-e", "-c", script]
        process.currentDirectoryURL = URL(fileURLWithPath: folder)
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.standardInput = FileHandle.nullDevice
        // Into files: a server that goes on would keep a pipe open.
        let name = folder + "/output-" + UUID().uuidString
        _ = FileManager.default.createFile(atPath: name, contents: nil)
        let output = FileHandle(forWritingAtPath: name)
        process.standardOutput = output
        process.standardError = output
        try process.run()
        process.waitUntilExit()
        let text = (try? String(contentsOfFile: name, encoding: .utf8)) ?? ""
        guard process.terminationStatus == 0 else { throw ServerFailure(script: script, text) }
        return text.trimmingCharacters(in: .whitespacesAndNewlines)
    }
}

struct ServerFailure: Error, CustomStringConvertible {
    var description: String
    init(script: String, _ output: String) { description = "\(script)\n\(output)" }
}
