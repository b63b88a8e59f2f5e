import Foundation
import NIOCore
import NIOPosix
import WeirNet

/// What the exporters watch, on this machine: PostgreSQL, Redis, a token of SoftHSM, and servers that
/// are played.
final class WatchedServers {
    static let ports = (postgresql: 24401, redis: 24402, played: 24403)
    static let softhsm = "/usr/lib/softhsm/libsofthsm2.so"
    let folder: String
    private var redis: Child?
    private var played: HTTPServer?

    /// - Parameter folder: A path from the root; what lies there is removed.
    init(folder: String) { self.folder = folder }

    func start(group: any EventLoopGroup) async throws {
        try? FileManager.default.removeItem(atPath: folder)
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true)
        try run(Self.preparation)
        redis = try Child(
            "/usr/bin/redis-server",
            ["--port", "\(Self.ports.redis)", "--bind", "127.0.0.1", "--save", ""],
            output: "\(folder)/redis.log")
        played = try await PlayedServers.start(port: Self.ports.played, group: group)
    }

    func stop() async throws {
        redis?.stop()
        try await played?.close().get()
        try run("$as $bin/pg_ctl -D \"$data\" -w -m fast stop > pg-stop.log")
    }

    /// The eight exporters, as YAML below `exporters:`; `counterparts` leaves out those that nobody else
    /// has here.
    func exporters(every seconds: Int, counterparts: Bool) -> [(id: String, yaml: String)] {
        let interval = "interval: \(seconds)s"
        let common = [
            ("postgresql", "{endpoint: \"\(database)\", \(interval)}"),
            ("redis", "{endpoint: \"redis://127.0.0.1:\(Self.ports.redis)\", \(interval)}"),
            ("host", "{\(interval)}"),
            ("probe", "{targets: [{target: \"\(page)\"}], \(interval)}"),
        ]
        let others = [
            ("vault", "{endpoint: \"\(page)\", token: hvs.bench, \(interval)}"),
            (
                "hsm",
                """
                {module: \(Self.softhsm), token: weir, pin: "1234", probe: [{key: ec}], \(interval), \
                environment: {SOFTHSM2_CONF: "\(folder)/softhsm2.conf"}}
                """
            ),
            ("istio", "{endpoint: \"\(page)\", \(interval)}"),
            (
                "ffi",
                """
                {library: libc.so.6, \(interval), calls: [{function: getloadavg, returns: int, \
                arguments: [{name: loads, type: "double[3]", direction: out}, \
                {name: count, type: int, value: 3}], metrics: [{name: load1, value: "loads[0]"}]}]}
                """
            ),
        ]
        return counterparts ? common : common + others
    }

    var database: String {
        "postgresql://weir@127.0.0.1:\(Self.ports.postgresql)/postgres?sslmode=disable"
    }
    var page: String { "http://127.0.0.1:\(Self.ports.played)" }

    private func run(_ script: String) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/bash")
        process.currentDirectoryURL = URL(fileURLWithPath: folder)
        process.arguments = ["-ec", Self.surroundings + script]
        process.standardInput = FileHandle.nullDevice
        let log = "\(folder)/servers.log"
        _ = FileManager.default.createFile(atPath: log, contents: nil)
        let file = FileHandle(forWritingAtPath: log)
        process.standardOutput = file
        process.standardError = file
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            let text = (try? String(contentsOfFile: log, encoding: .utf8)) ?? ""
            throw BenchError("the servers to watch: \(text.suffix(1000))")
        }
    }

    /// PostgreSQL refuses to run as root, and another user may not see this folder.
    private static let surroundings = """
        bin=$(ls -d /usr/lib/postgresql/*/bin | tail -1); as=""; data=$PWD/pg
        if [ "$(id -u)" = 0 ]; then
          as="setpriv --reuid postgres --regid postgres --clear-groups"; data=/tmp/weir-bench-pg
        fi

        """

    private static let preparation = """
        rm -rf "$data"; mkdir -m 700 "$data"; [ -z "$as" ] || chown postgres "$data"; cd "$data"
        $as $bin/initdb -D "$data" -U weir --auth=trust
        printf '%s\\n' 'port = \(ports.postgresql)' "listen_addresses = '127.0.0.1'" \
          "unix_socket_directories = ''" "shared_preload_libraries = 'pg_stat_statements'" \
          >> "$data/postgresql.conf"
        # Without the descriptors by whose end Foundation sees that the shell ended.
        (for fd in /proc/$BASHPID/fd/*; do fd=${fd##*/}; [ "$fd" -le 2 ] || eval "exec $fd>&-"; done
         exec $as $bin/pg_ctl -D "$data" -w -l "$data/log" start > /dev/null)
        $bin/psql -X -q -h 127.0.0.1 -p \(ports.postgresql) -U weir -d postgres \
          -c 'CREATE EXTENSION pg_stat_statements'
        cd "$OLDPWD"; mkdir tokens
        printf 'directories.tokendir = %s/tokens\\nobjectstore.backend = file\\n' "$PWD" > softhsm2.conf
        export SOFTHSM2_CONF=$PWD/softhsm2.conf
        softhsm2-util --init-token --free --label weir --so-pin 1234 --pin 1234
        pkcs11-tool --module \(softhsm) --token-label weir --login --pin 1234 \
          --keypairgen --key-type EC:prime256v1 --label ec --id 01
        """
}
