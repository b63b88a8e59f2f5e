import Foundation
import WeirTestKit

/// A PostgreSQL with pg_stat_statements and some tables, and a standby of it.
final class PostgresqlServers {
    static let password = "s3cret-of-postgres"

    let port: Int
    let standbyPort: Int
    let folder: TemporaryFolder

    init() async throws {
        let ports = try await freePorts(2)
        (port, standbyPort) = (ports[0], ports[1])
        folder = try TemporaryFolder()
        try await run(
            """
            [ "$(id -u)" = 0 ] && chown postgres .
            $as $bin/initdb -D primary -U weir --auth=trust > initdb.log
            printf 'host %s 127.0.0.1/32 %s\\n' 'all secret' scram-sha-256 'all all' trust \
              'replication all' trust > primary/pg_hba.conf
            cat >> primary/postgresql.conf <<END
            port = \(port)
            listen_addresses = '127.0.0.1'
            unix_socket_directories = ''
            shared_preload_libraries = 'pg_stat_statements'
            fsync = off
            autovacuum = off
            END
            """)
        try await start()
        // A database of its own: what is asked for by the exporters' sessions is not seen there.
        try await sql("CREATE DATABASE shop")
        try await sql(
            """
            CREATE EXTENSION pg_stat_statements;
            CREATE TABLE orders (id int PRIMARY KEY, state text);
            INSERT INTO orders SELECT n, 'open' FROM generate_series(1, 1000) n; ANALYZE orders;
            SELECT count(*) FROM orders; CREATE ROLE secret LOGIN PASSWORD '\(Self.password)';
            GRANT pg_monitor TO secret
            """, database: "shop")
        try await run(
            """
            $as $bin/pg_basebackup -h 127.0.0.1 -p \(port) -U weir -D standby -R -C -S standby -c fast
            echo "port = \(standbyPort)" >> standby/postgresql.conf
            (let_go; exec $as $bin/pg_ctl -D standby -w -l standby.log start > /dev/null)
            """)
        let streams = await eventually(within: 20) {
            (try? await self.sql("SELECT state FROM pg_stat_replication")) == "streaming"
        }
        guard streams else { throw Failure("the standby does not stream") }
    }

    /// Postmasters end at once when they are asked to by name of their files; waiting is for others.
    deinit {
        for name in ["primary", "standby"] {
            let file = "\(folder.path)/\(name)/postmaster.pid"
            let text = (try? String(contentsOfFile: file, encoding: .utf8)) ?? ""
            if let id = text.split(separator: "\n").first.flatMap({ Int32($0) }), id > 1 {
                kill(id, SIGQUIT)
            }
        }
    }

    func start() async throws {
        try await run(
            "(let_go; exec $as $bin/pg_ctl -D primary -w -l primary.log start > /dev/null)")
    }

    func stop() async throws {
        try await run("$as $bin/pg_ctl -D primary -w -m immediate stop > /dev/null")
    }

    func endpoint(_ port: Int, user: String = "weir") -> String {
        "postgresql://\(user)@127.0.0.1:\(port)/shop?sslmode=disable"
    }

    @discardableResult
    func sql(_ text: String, database: String = "postgres") async throws -> String {
        try await run(
            "$bin/psql -X -q -A -t -v ON_ERROR_STOP=1 -h 127.0.0.1 -p \(port) -U weir -d \(database) -c \"$SQL\"",
            ["SQL": text]
        ).trimmingCharacters(in: .whitespacesAndNewlines)
    }

    @discardableResult
    private func run(
        _ script: String, _ environment: [String: String] = [:]
    ) async throws -> String {
        // PostgreSQL refuses to run as root.
        let result = try await Command.shell(
            """
            bin=$(ls -d /usr/lib/postgresql/*/bin | tail -1); as=""
            [ "$(id -u)" = 0 ] && as="setpriv --reuid postgres --regid postgres --clear-groups"
            # What stays goes without the descriptor by whose end Foundation sees that the shell ended.
            let_go() { for fd in /proc/$BASHPID/fd/*; do fd=${fd##*/}
            if [ "$fd" -gt 2 ]; then eval "exec $fd>&-"; fi; done; }
            \(script)
            """, folder: folder.path, environment: environment)
        guard result.status == 0 else { throw Failure("\(script): \(result.errors)") }
        return result.output
    }
}
