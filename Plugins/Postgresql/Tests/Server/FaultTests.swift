import Foundation
import Testing
import WeirSDK
import WeirTestKit

@testable import PostgresqlPlugin

/// Servers that are away, hang, or change their mind.
extension WithServers {
    @Suite(.serialized) struct FaultTests {
        let host = FakeHost()

        @Test func backsOff() throws {
            let port = LoopbackSocket.freePort()
            let exporter = try host.exporter("postgresql://127.0.0.1:\(port)/x")
            let (metrics, error) = exporter.collectOutcome()
            #expect(metrics.value("pg_up") == 0)
            #expect(metrics.value("pg_exporter_last_scrape_error") == 1)
            #expect(error?.kind == .retry(after: nil))
            #expect(error?.message.contains("refused") == true)
            for (seconds, wait) in [(0, 1), (1, 2), (2, 4), (3, 1), (1, 8)] {
                host.advance(by: .seconds(seconds))
                // An attempt, unless one is not due.
                _ = exporter.collectOutcome()
                let (metrics, error) = exporter.collectOutcome()
                #expect(metrics.value("pg_up") == 0)
                #expect(
                    error?.message.hasSuffix("(next attempt in \(wait) s)") == true, "\(error!)")
            }
            try exporter.end()
        }

        /// It takes the connection and never says a word.
        @Test(.timeLimit(.minutes(1))) func silentServer() throws {
            let listener = LoopbackSocket()
            let exporter = try host.exporter("postgresql://127.0.0.1:\(listener.port)/x")
            let start = ContinuousClock.now
            let (metrics, error) = exporter.collectOutcome(deadline: deadline(milliseconds: 500))
            #expect(ContinuousClock.now - start < .seconds(5))
            #expect(metrics.value("pg_up") == 0)
            #expect(error?.kind == .timeout)
            try exporter.end()
        }

        private func deadline(milliseconds: UInt64) -> Deadline {
            Deadline(monotonicNanoseconds: host.monotonic + milliseconds * 1_000_000)
        }

        @Test func restarts() throws {
            let server = try PostgresServer()
            let exporter = try host.exporter(
                server.endpoint(),
                #""queries": [{"name": "kill", "query": "SELECT 1 AS one FROM pg_terminate_backend(pg_backend_pid())", "metrics": [{"name": "one"}]}]"#
            )
            // A session that is ended in the middle of a query costs that query alone.
            for _ in 0..<3 {
                let metrics = try exporter.collect()
                #expect(metrics.value("pg_up") == 1 && metrics.succeeded("locks") == true)
                #expect(metrics.succeeded("query_kill") == false)
            }
            // One that was ended while it lay idle costs nothing.
            try server.stop()
            try server.start()
            #expect(try exporter.collect().value("pg_up") == 1)
            try server.stop()
            #expect(exporter.collectOutcome().metrics.value("pg_up") == 0)
            try server.start()
            #expect(exporter.collectOutcome().error?.message.contains("next attempt") == true)
            host.advance(by: .seconds(1))
            #expect(try exporter.collect().value("pg_up") == 1)
            try exporter.end()
        }

        /// The server ends a slow statement itself, shortly before the deadline.
        @Test(arguments: [
            ("", "statement timeout"), (#", "statement_timeout": "1h""#, "no answer within"),
        ])
        func slow(_ settings: String, _ reason: String) throws {
            let server = try Self.server()
            let exporter = try host.exporter(
                server.endpoint(),
                #""queries": [{"name": "slow", "query": "SELECT 1 AS one FROM pg_sleep(30)", "metrics": [{"name": "one"}]}]"#
                    + settings)
            let start = ContinuousClock.now
            let (metrics, _) = exporter.collectOutcome(deadline: deadline(milliseconds: 3000))
            #expect(ContinuousClock.now - start < .seconds(10))
            #expect(metrics.value("pg_up") == 1 && metrics.succeeded("locks") == true)
            #expect(metrics.succeeded("query_slow") == false)
            #expect(
                host.logs.contains { $0.message.contains(reason) }, "\(host.logs.map(\.message))")
            // Neither does it run on.
            #expect(
                try server.settles(
                    "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(30)%' AND state = 'active' AND pid <> pg_backend_pid()",
                    at: "0"))
            try exporter.end()
        }

        /// An answer that has no end, or would fill the memory, costs that query alone.
        @Test(arguments: [
            ("SELECT generate_series(1, 100000000) AS one", "more than 50000 rows"),
            ("SELECT repeat('x', 200000000) AS one", "more than 64 MiB"),
            ("COPY (SELECT 1) TO STDOUT", "only queries can be run"),
        ])
        func tooMuch(_ query: String, _ reason: String) throws {
            let server = try Self.server()
            let exporter = try host.exporter(
                server.endpoint(),
                #""queries": [{"name": "big", "query": "\#(query)", "metrics": [{"name": "one"}]}, "#
                    + #"{"name": "two", "query": "SELECT 2 AS two", "metrics": [{"name": "two"}]}]"#
            )
            let before = resident()
            let metrics = try exporter.collect(deadline: deadline(milliseconds: 60_000))
            #expect(resident() < before + 160 << 20)
            #expect(metrics.value("pg_up") == 1 && metrics.value("two") == 2)
            #expect(metrics.succeeded("query_big") == false)
            #expect(
                host.logs.contains { $0.message.contains(reason) }, "\(host.logs.map(\.message))")
            try exporter.end()
        }

        /// One SELECT means one, and nothing that a query does to its session stays.
        @Test func aQueryIsAloneAndReadsOnly() throws {
            let server = try Self.server()
            try server.sql("DROP TABLE IF EXISTS kept; CREATE TABLE kept AS SELECT 1 AS n")
            let queries = [
                "SELECT 1 AS n; SELECT 2 AS n",
                "COMMIT; SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE; SELECT 1 AS n",
                "SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE", "COMMIT",
                "SELECT 1 AS n, set_config('default_transaction_read_only', 'off', false)",
                "WITH gone AS (DELETE FROM kept RETURNING n) SELECT n FROM gone",
                "SELECT 4 AS n, current_setting('default_transaction_read_only') AS mode",
            ]
            let settings = queries.enumerated().map { index, query in
                #"{"name": "\#(index)", "query": "\#(query)", "metrics": [{"name": "n\#(index)", "column": "n"}]\#(index == 6 ? #", "labels": ["mode"]"# : "")}"#
            }
            let exporter = try host.exporter(
                server.endpoint(), #""queries": [\#(settings.joined(separator: ", "))]"#)
            for _ in 0..<2 {
                let metrics = try exporter.collect()
                for index in [0, 1, 2, 3, 5] {
                    #expect(metrics.succeeded("query_\(index)") == false, "\(queries[index])")
                }
                #expect(metrics.value("n4") == 1 && metrics.value("n6", ["mode": "on"]) == 4)
            }
            #expect(try server.sql("SELECT count(*) FROM kept") == "1")
            #expect(
                host.logs.count {
                    $0.message.contains("several statements, expected one SELECT")
                } == 2, "\(host.logs.map(\.message))")
            try exporter.end()
        }

        /// What a server says is told in words of the settings.
        @Test func errorsSayWhatToDo() throws {
            let server = try Self.server()
            try server.sql(
                """
                DROP TABLE IF EXISTS closed; CREATE TABLE closed AS SELECT 1 AS n;
                DROP ROLE IF EXISTS small; CREATE ROLE small LOGIN;
                DROP ROLE IF EXISTS secret; CREATE ROLE secret LOGIN PASSWORD 'x'
                """)
            let exporter = try host.exporter(
                server.endpoint(user: "small"),
                #""statement_timeout": "200ms", "collectors": {"stat_statements": true}, "queries": [{"name": "denied", "query": "SELECT n FROM closed", "metrics": [{"name": "n"}]}, {"name": "slow", "query": "SELECT 1 AS one FROM pg_sleep(5)", "metrics": [{"name": "one"}]}]"#
            )
            for _ in 0..<2 {
                let metrics = try exporter.collect(deadline: deadline(milliseconds: 5000))
                #expect(metrics.succeeded("stat_statements") == false)
            }
            let texts = host.logs.map(\.message)
            for part in [
                "GRANT SELECT ON what it reads TO small", "after 200 ms, as statement_timeout says",
                "collector wal failed in postgres: ERROR:  permission denied",
                "in part only, so figures about them are too low: GRANT pg_monitor TO small",
                "stat_statements failed in postgres: the extension pg_stat_statements is not in this "
                    + "database: CREATE EXTENSION",
            ] {
                #expect(texts.count { $0.contains(part) } == 1, "\(part): \(texts)")
            }
            #expect(
                texts.contains {
                    $0.contains("collector wal") && $0.hasSuffix("GRANT pg_monitor TO small")
                })
            try exporter.end()
            let unknown = try host.exporter(server.endpoint(user: "secret"))
            let error = unknown.collectOutcome().error
            #expect(
                error?.message.contains("set password or password_file") == true, "\(error as Any)")
            try unknown.end()
        }

        /// Where nobody asked for statements, their absence is told and no fault.
        @Test func noStatements() throws {
            let exporter = try host.exporter(try Self.server().endpoint())
            for _ in 0..<2 {
                let metrics = try exporter.collect()
                #expect(metrics.succeeded("stat_statements") == nil)
                #expect(metrics.value("pg_exporter_last_scrape_error") == 0)
            }
            let lines = host.logs.filter { $0.message.contains("CREATE EXTENSION") }
            #expect(lines.count == 1 && lines.first?.level == .info, "\(host.logs)")
            try exporter.end()
        }

        /// Bytes, now.
        private func resident() -> Int {
            // A sanitizer keeps what was freed.
            for name in ["__asan_init", "__tsan_init"] where unsafe dlsym(nil, name) != nil {
                return 0
            }
            let text = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)
            return (text?.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0) * 4096
        }

        /// The first server takes the connection and says nothing; the second one is well.
        @Test func aSilentServerBeforeOneThatIsWell() throws {
            let server = try Self.server()
            let listener = LoopbackSocket()
            let exporter = try host.exporter(
                "postgresql://weir@127.0.0.1:\(listener.port),127.0.0.1:\(server.port)/postgres")
            let (metrics, error) = exporter.collectOutcome(deadline: deadline(milliseconds: 4000))
            #expect(metrics.value("pg_up") == 1, "\(error as Any)")
            try exporter.end()
        }

        private nonisolated(unsafe) static var kept: PostgresServer?
        private static func server() throws -> PostgresServer {
            if let kept = unsafe kept { return kept }
            let server = try PostgresServer()
            unsafe kept = server
            return server
        }

        @Test func passwordChanges() throws {
            let server = try Self.server()
            let file = server.folder + "/password"
            try server.sql(
                "DROP ROLE IF EXISTS secret; CREATE ROLE secret LOGIN PASSWORD 'first-one'")
            try "first-one\n".write(toFile: file, atomically: true, encoding: .utf8)
            let exporter = try host.exporter(
                server.endpoint(user: "secret"), "\"password_file\": \"\(file)\"")
            #expect(try exporter.collect().value("pg_up") == 1)
            try server.sql(
                "ALTER ROLE secret PASSWORD 'second-one'; SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'secret'"
            )
            let (metrics, error) = exporter.collectOutcome()
            #expect(metrics.value("pg_up") == 0 && error?.kind == .refused)
            #expect(error?.message.contains("password authentication failed") == true)
            // A password that changed is tried before the next attempt is due.
            try "second-one".write(toFile: file, atomically: true, encoding: .utf8)
            #expect(try exporter.collect().value("pg_up") == 1)
            let all = host.logs.map(\.message) + [error?.message ?? ""]
            #expect(!all.contains { $0.contains("-one") })
            try exporter.end()
        }

        @Test func authModules() throws {
            let server = try Self.server()
            try server.sql("DROP ROLE IF EXISTS secret; CREATE ROLE secret LOGIN PASSWORD 'pa/ss'")
            let exporter = try host.exporter(
                "127.0.0.1:\(server.port)/postgres",
                #""auth_module": "m", "auth_modules": {"m": {"type": "userpass", "userpass": {"username": "secret", "password": "pa/ss"}, "options": {"sslmode": "disable"}}}"#
            )
            #expect(try exporter.collect().value("pg_up") == 1)
            try exporter.end()
        }

        /// Failures leave no descriptor behind, whatever fails.
        @Test(.timeLimit(.minutes(2))) func leaksNothing() throws {
            let server = try Self.server()
            let open = LoopbackSocket.freePort()
            let refused = try host.exporter("postgresql://127.0.0.1:\(open)/x")
            let noDatabase = try host.exporter(
                server.endpoint("nowhere"))
            var before = -1
            for round in 0..<520 {
                if round == 20 { before = descriptors() }
                host.advance(by: .seconds(60))
                #expect(refused.collectOutcome().error != nil)
                #expect(noDatabase.collectOutcome().error?.message.contains("nowhere") == true)
            }
            // A thousand failures; a few sockets are those of tests beside this one.
            #expect(descriptors() < before + 50)
            try refused.end()
            try noDatabase.end()
        }

        /// Sockets that this process has open.
        private func descriptors() -> Int {
            let files =
                (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []
            return files.count {
                (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\($0)"))?
                    .hasPrefix("socket:") == true
            }
        }
    }
}
