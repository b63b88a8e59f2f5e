import Testing
import WeirJSON
import WeirSDK
import WeirTestKit

@testable import PostgresqlPlugin

struct SettingsTests {
    @Test(
        arguments: [
            ("postgresql://u:p@h:1/d", "h:1"), ("postgres://h", "h:5432"), ("h:77", "h:77"),
            ("h:77/db?sslmode=require", "h:77"), ("host=a,b port=1,2", "a,b:1,2"),
            ("postgresql:///d", "localhost:5432"), ("postgresql://[::1]:6/d", "::1:6"),
            ("host=/run/pg dbname=x", "/run/pg:5432"),
            ("postgresql://u:a%2Fb%40c@h:1/d", "h:1"),
        ])
    func servers(_ endpoint: String, _ server: String) throws {
        #expect(try ConnectionParameters(endpoint).server == server)
    }

    /// libpq would send PGPASSWORD to any server that a stranger names.
    @Test(arguments: [
        ("h", "", nil), ("h", #", "ambient_password": false"#, "-"),
        ("postgresql://h?password=", #", "ambient_password": false"#, "-"),
        ("host=h passfile=/p service=s", #", "ambient_password": false"#, "-"),
        ("postgresql://u:own@h", #", "ambient_password": false"#, "own"),
        ("h", #", "ambient_password": false, "password": "mine""#, "mine"),
    ])
    func passwordsOfTheEnvironment(
        _ endpoint: String, _ more: String, _ expected: String?
    ) throws {
        let json = try JSONValue(parsing: #"{"endpoint": "\#(endpoint)"\#(more)}"#)
        let settings = try HostSettings(json).decode(PostgresqlSettings.self)
        let target = try #require(try settings.targets().first)
        #expect(try target.parameters(database: nil)["password"] == expected)
    }

    /// What could not be read may hold a password anywhere.
    @Test(arguments: [
        "mysql://u:hunter2@h/d", "postgresql://u:hunter/2@h:1/d", "postgresql://u:p@h:hunter2/d",
        "host=h hunter2", "postgresql://h/d?hunter2=1", "postgresql://u:%hunter2@h",
        "postgresql://h:0", "postgresql://h:70000",
    ])
    func badEndpoints(_ endpoint: String) {
        let error = #expect(throws: ComponentError.self) { try ConnectionParameters(endpoint) }
        #expect(error?.kind == .invalid)
        #expect(error?.message.contains("hunter") == false)
        #expect(
            error?.message.contains("expected") == true || error?.message.contains("port") == true)
    }

    @Test(arguments: [
        (#"{"collectors": {"lock": true}}"#, "'lock'"),
        (#"{"password": "a", "password_file": "/b"}"#, "password_file"),
        (#"{"auth_module": "m"}"#, "auth_modules has none"),
        (#"{"include_databases": ["a"]}"#, "auto_discover_databases"),
        (
            #"{"queries": [{"name": "q", "query": "SELECT 1", "metrics": [{"name": "1x"}]}]}"#,
            "'1x'"
        ),
        (
            #"{"queries": [{"name": "q", "query": "SELECT 1", "labels": ["a b"], "metrics": [{"name": "x"}]}]}"#,
            "'a b'"
        ),
        (#"{"servers": [{"endpoint": "h"}, {"endpoint": "h"}]}"#, "same labels"),
        (
            #"{"queries": [{"name": "q", "query": "SELECT 1", "labels": ["state", "state"], "metrics": [{"name": "x"}]}]}"#,
            "q has the label 'state' twice"
        ),
        (
            #"{"queries": [{"name": "q", "query": "SELECT 1", "labels": ["server"], "metrics": [{"name": "x"}]}]}"#,
            "q has a label 'server', which server_label adds"
        ),
        (
            #"{"servers": [{"endpoint": "h", "labels": {"team": "a"}}], "queries": [{"name": "q", "query": "SELECT 1", "labels": ["team"], "metrics": [{"name": "x"}]}]}"#,
            "q has a label 'team', which labels of the server adds"
        ),
        (
            #"{"queries": [{"name": "q", "query": "SELECT 1", "labels": ["__name__"], "metrics": [{"name": "x"}]}]}"#,
            "q has a label '__name__'"
        ),
        (
            #"{"queries": [{"name": "q", "query": "SELECT 1", "metrics": [{"name": "x"}]}, {"name": "q", "query": "SELECT 2", "metrics": [{"name": "y"}]}]}"#,
            "the name 'q' twice"
        ),
        (
            #"{"queries": [{"name": "q", "query": "SELECT 1", "metrics": [{"name": "x"}]}, {"name": "r", "query": "SELECT 2", "metrics": [{"name": "x", "type": "counter"}]}]}"#,
            "r has the metric x as counter, and q has it as gauge"
        ),
    ])
    func mistakes(_ settings: String, _ part: String) {
        let host = FakeHost()
        let error = #expect(throws: ComponentError.self) {
            try host.createRaw(plugin, .exporter, "postgresql", settings).destroy()
        }
        #expect(error?.kind == .invalid)
        #expect(error?.message.contains(part) == true, "\(error?.message ?? "")")
    }

    @Test(
        arguments: [
            ("1", "kB", "x_bytes", 1024), ("16384", "8kB", "x_bytes", 134_217_728),
            ("2", "16MB", "x_bytes", 33_554_432), ("-1", "kB", "x_bytes", -1),
            ("3", "B", "x_bytes", 3),
            ("1", "GB", "x_bytes", 1_073_741_824), ("1", "TB", "x_bytes", 1_099_511_627_776),
            ("10", "ms", "x_seconds", 0.01), ("2", "min", "x_seconds", 120),
            ("7", "s", "x_seconds", 7),
            ("-1", "ms", "x_seconds", -1), ("1", "h", "x_seconds", 3600),
            ("1", "d", "x_seconds", 86_400),
            ("0.5", "", "x", 0.5), ("100", "", "x", 100), ("5ms", "ms", "x_seconds", 0.005),
            ("1e+10", "", "x", 1e10),
        ] as [(String, String, String, Double)])
    func units(_ setting: String, _ unit: String, _ name: String, _ value: Double) throws {
        let point = try #require(ServerSetting("x", setting, unit: unit, summary: "X.").point)
        #expect(point.name == "pg_settings_" + name)
        #expect(point.value == .number(value))
        #expect(
            point.help == (unit.isEmpty ? "X." : "X. [Units converted to \(name.dropFirst(2)).]"))
    }

    @Test func truths() {
        #expect(ServerSetting("a.b", "on", isTruth: true).point?.name == "pg_settings_a_b")
        #expect(ServerSetting("a", "on", isTruth: true).point?.value == .number(1))
        #expect(ServerSetting("a", "off", isTruth: true).point?.value == .number(0))
        #expect(ServerSetting("a", "5", unit: "parsecs").point == nil)
    }

    @Test(arguments: [
        ("15.18 (Debian 15.18-0+deb12u1)", "15.18.0"), ("17beta1", "17.0.0"), ("9.6.24", "9.6.24"),
        ("", "0.0.0"),
    ])
    func versions(_ text: String, _ short: String) { #expect(shortVersion(text) == short) }

    @Test(
        arguments: [
            ("5", 23, 5), ("-1.5", 1700, -1.5), ("t", 16, 1), ("f", 16, 0),
            ("1970-01-01 00:00:01.5", 1114, 1.5),
            ("2025-01-31 09:30:00.25+00", 1184, 1_738_315_800.25),
            ("2025-01-31", 1082, 1_738_281_600), ("PT1H2M3.5S", 1186, 3723.5),
            ("P1DT-1H", 1186, 82_800), ("PT0S", 1186, 0), ("P1Y2M3D", 1186, 37_000_800),
            ("2025-01-9223372036854775807", 1082, nil),
            ("2025-01-31 9223372036854775807:00:00", 1114, nil),
            ("2025-01-31 00:9223372036854775807:00", 1114, nil),
            ("9223372036854775807-01-31", 1082, nil),
            ("infinity", 1184, .infinity), ("yes", 25, nil), ("2025-01", 1082, nil),
            ("1:2", 1186, nil),
        ] as [(String, UInt32, Double?)])
    func columns(_ text: String, _ type: UInt32, _ value: Double?) {
        #expect(columnValue(text, type: type) == value)
    }

    /// Rows that cannot be told apart are a fault; what is told apart stays.
    @Test func rowsOfTheSameLabels() throws {
        let json = try JSONValue(
            parsing: #"""
                {"name": "q", "query": "SELECT", "labels": ["state"],
                 "metrics": [{"name": "orders", "column": "n"}, {"name": "age"}]}
                """#)
        let query = try HostSettings(json).decode(CustomQuery.self)
        var table = Table(
            columns: [.init("state"), .init("n", type: 23), .init("age", type: 23)],
            rows: [
                ["open", "1", "5"], ["done", "2", nil], ["open", "3", "7"], ["open", "4", nil],
            ])
        let answer = try query.answer(table)
        #expect(
            answer.points.map(\.text) == [
                #"orders{state="open"}"#, #"orders{state="done"}"#, #"age{state="open"}"#,
            ])
        #expect(answer.points.map(\.value) == [.number(1), .number(2), .number(5)])
        let fault = try #require(answer.fault)
        #expect(fault.reason == "duplicate_series" && fault.message.contains("3 values are lost"))
        #expect(fault.message.contains(#"orders{state="open"}, age{state="open"}"#))
        // A label that is NULL is empty.
        table.rows = [[nil, "1", nil], ["", "2", nil]]
        #expect(try query.answer(table).fault?.message.contains(#"orders{state=""}"#) == true)
        table.rows = [["open", "1", "5"], ["done", "2", "6"]]
        #expect(try query.answer(table).fault == nil)
    }
}
