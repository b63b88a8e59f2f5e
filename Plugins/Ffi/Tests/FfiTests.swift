import FfiPlugin
import Foundation
import Testing
import WeirSDK
import WeirTestKit

/// Functions of the C library and of libraries that are compiled here, called by the worker.
@Suite(.serialized) struct FfiTests {
    let host = FakeHost()

    func start(_ settings: String) throws -> TestInstance {
        try host.start(plugin, .exporter, "ffi", settings: settings)
    }

    func collect(_ exporter: TestInstance) -> (metrics: CollectedMetrics, error: ComponentError?) {
        exporter.collectOutcome(deadline: host.asSeenByPlugin.deadline(in: .seconds(2)))
    }

    @Test func conforms() throws {
        try conformance(
            plugin,
            ConformanceOptions(settings: [
                "ffi":
                    #"{"library": "libc.so.6", "calls": [{"function": "getpid", "returns": "int"}]}"#
            ]))
    }

    @Test func readsTheLoadOfTheMachine() throws {
        let exporter = try start(
            """
            {"library": "libc.so.6", "prefix": "my_", "calls": [{"function": "getloadavg", "returns": "int",
             "arguments": [{"name": "loads", "type": "double[3]", "direction": "out"},
                           {"name": "count", "type": "int", "value": 3}],
             "expect": {"equals": 3},
             "metrics": [{"name": "load", "value": "loads[*]", "labels": {"window": "@index"},
                          "index_names": ["1m", "5m", "15m"]}]}]}
            """)
        let metrics = try exporter.collect()
        let points = metrics.named("my_load")
        #expect(points.map(\.attributes) == ["1m", "5m", "15m"].map { ["window": .string($0)] })
        let text = try String(contentsOfFile: "/proc/loadavg", encoding: .utf8)
        let loads = text.split(separator: " ").prefix(3).compactMap { Double($0) }
        for (point, load) in zip(points, loads) {
            guard case .number(let value) = point.value else {
                Issue.record("\(point.value)")
                return
            }
            #expect(abs(value - load) < 2)
        }
        #expect(metrics.named("my_ffi_up").map(\.value) == [.integer(1)])
        #expect(points.allSatisfy { $0.isPrometheus })
        try exporter.end()
    }

    @Test func readsAndPassesEveryType() throws {
        let library = try CLibrary(
            """
            #include <stdint.h>
            #include <stdbool.h>
            #include <string.h>
            struct all { int8_t a; uint16_t b; int32_t c; uint64_t d; float e; double f; bool g;
                         char h[5]; int16_t i[3]; const char *j; };
            struct all all(void) {
                return (struct all){-1, 65535, -70000, 18446744073709551615ull, 0.5f, 1e300, true,
                                    "four", {1, -2, 3}, "text"};
            }
            struct pair { double x; int32_t y; };
            double by_value(struct pair p, int8_t z, float w) { return p.x + p.y + z + w; }
            const struct pair *by_pointer(void) { static struct pair p = {7, 8}; return &p; }
            int in_out(struct pair *p, const char *text) { p->x *= 2; return (int)strlen(text); }
            """)
        let exporter = try start(
            """
            {"library": "\(library.path)", "structs": {
               "all": {"size": 56, "fields": [{"name": "a", "type": "i8"}, {"name": "b", "type": "unsigned short"},
                 {"name": "c", "type": "int"}, {"name": "d", "type": "u64"}, {"name": "e", "type": "float"},
                 {"name": "f", "type": "double"}, {"name": "g", "type": "bool"}, {"name": "h", "type": "char[5]"},
                 {"name": "i", "type": "int16_t[3]"}, {"name": "j", "type": "char*"}]},
               "pair": {"size": 16, "fields": [{"name": "x", "type": "double"}, {"name": "y", "type": "i32"}]}},
             "calls": [
               {"function": "all", "returns": "struct all", "metrics": [
                 {"name": "a", "value": "return.a"}, {"name": "b", "value": "return.b"},
                 {"name": "c", "value": "return.c"}, {"name": "d", "value": "return.d"},
                 {"name": "e", "value": "return.e"}, {"name": "f", "value": "return.f"},
                 {"name": "g", "value": "return.g", "labels": {"h": "@return.h", "j": "@return.j"}},
                 {"name": "i", "value": "return.i[1]"}]},
               {"function": "by_value", "returns": "double",
                "arguments": [{"name": "p", "type": "pair", "value": {"x": 1.5, "y": 2}},
                              {"name": "z", "type": "i8", "value": -3}, {"name": "w", "type": "float", "value": 0.25}],
                "metrics": [{"name": "sum", "value": "return"}]},
               {"function": "by_pointer", "returns": "pair*", "metrics": [{"name": "y", "value": "return.y"}]},
               {"function": "in_out", "returns": "int",
                "arguments": [{"name": "p", "type": "pair", "direction": "inout", "value": {"x": 21}},
                              {"name": "text", "type": "string", "value": "seven.."}],
                "metrics": [{"name": "x", "value": "p.x"}, {"name": "length", "value": "return"}]}]}
            """)
        for _ in 0..<2 {
            let metrics = try exporter.collect()
            let expected: [(String, CollectedMetrics.Value)] = [
                ("a", .integer(-1)), ("b", .integer(65535)), ("c", .integer(-70000)),
                ("d", .number(18_446_744_073_709_551_616)), ("e", .number(0.5)),
                ("f", .number(1e300)), ("g", .number(1)), ("i", .integer(-2)),
                ("sum", .number(0.75)),
                ("y", .integer(8)), ("x", .number(42)), ("length", .integer(7)),
            ]
            for (name, value) in expected {
                #expect(metrics.named(name).map(\.value) == [value], "\(name)")
            }
            #expect(metrics.named("g").first?.attributes == ["h": "four", "j": "text"])
        }
        try exporter.end()
    }

    @Test(.timeLimit(.minutes(10))) func nothingLeaksOverAThousandFailures() throws {
        let library = try CLibrary("int fall(void) { return *(volatile int *)8; }")
        let exporter = try start(
            """
            {"library": "\(library.path)", "calls": [{"function": "fall", "returns": "int",
             "metrics": [{"name": "n", "value": "return"}]}]}
            """)
        func used() -> (descriptors: Int, bytes: Int) {
            let files = try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")
            // A sanitizer keeps what was freed.
            let isSanitized = ["__asan_init", "__tsan_init"].contains { (name: String) in
                unsafe dlsym(nil, name) != nil
            }
            let text = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)
            let pages = text?.split(separator: " ").dropFirst().first.flatMap { Int($0) }
            return (files?.count ?? 0, isSanitized ? 0 : (pages ?? 0) * 4096)
        }
        var before = used()
        for round in 0..<1000 {
            if round == 100 { before = used() }
            host.advance(by: .seconds(60))
            #expect(collect(exporter).error?.message.contains("SIGSEGV during fall") == true)
        }
        #expect(used().descriptors < before.descriptors + 20)
        #expect(used().bytes < before.bytes + 4 << 20)
        try exporter.end()
    }

    /// A count is any number that a library gives: -1 in a `size_t` does not end the process.
    @Test(arguments: [
        ("u64", "0xffffffffffffffffull", 3), ("double", "1e300", 3), ("double", "0.0/0.0", 0),
        ("double", "-1e300", 0), ("double", "1.0/0.0", 3), ("double", "2.5", 2), ("i64", "-1", 0),
    ])
    func countsThatAreNone(_ type: String, _ count: String, _ points: Int) throws {
        let cType = type == "double" ? "double" : "long"
        let library = try CLibrary(
            "\(cType) fill(int *n) { n[0] = n[1] = n[2] = 1; return \(count); }")
        let exporter = try start(
            """
            {"library": "\(library.path)", "calls": [{"function": "fill", "returns": "\(type)",
             "arguments": [{"name": "n", "type": "int[3]", "direction": "out"}],
             "metrics": [{"name": "n", "value": "n[*]", "count": "return", "labels": {"i": "@index"}}]}]}
            """)
        #expect(try exporter.collect().named("n").count == points)
        try exporter.end()
    }

    static let pair = #"{"name": "x", "type": "double"}, {"name": "y", "type": "int"}"#

    /// What is wrong is known at the start, before anything was called.
    @Test(arguments: [
        (#""calls": [{"function": "getload"}]"#, "has no function 'getload'"),
        (
            #""structs": {"pair": {"size": 12, "fields": [\#(pair)]}}, "calls": [{"function": "abs"}]"#,
            "size says 12 bytes, its fields come to 16: x at 0 (8 bytes), y at 8 (4 bytes)"
        ),
        (
            #""structs": {"a": {"fields": [{"name": "b", "type": "b"}]}, "b": {"fields": [{"name": "a", "type": "a"}]}}, "calls": [{"function": "abs"}]"#,
            "contains itself"
        ),
        (
            #""calls": [{"function": "abs", "returns": "number"}]"#,
            "abs.returns: there is no type 'number'"
        ),
        (
            #""calls": [{"function": "abs", "returns": "int", "arguments": [{"name": "n", "type": "int8_t", "value": 300}]}]"#,
            "abs.n: found 300, expected a number that fits i8"
        ),
        (
            #""calls": [{"function": "abs", "returns": "int", "arguments": [{"name": "n", "type": "int[2]"}]}]"#,
            "C passes arrays by address"
        ),
        (
            #""calls": [{"function": "abs", "returns": "int", "arguments": [{"name": "n", "type": "int[100000][100000]", "direction": "out"}]}]"#,
            "'int[100000][100000]' is no type"
        ),
        (
            #""calls": [{"function": "abs", "returns": "int", "metrics": [{"name": "m", "value": "result"}]}]"#,
            "'result' is no place in the result; expected one that begins with return"
        ),
        (
            #""calls": [{"function": "abs", "metrics": [{"name": "m", "value": "return"}]}]"#,
            "abs returns nothing and fills no argument"
        ),
        (
            #""structs": {"pair": {"fields": [\#(pair)]}}, "calls": [{"function": "abs", "returns": "const struct pair *", "metrics": [{"name": "m", "value": "return.x", "labels": {"z": "@return.z"}}]}]"#,
            "metric m, labels.z: there is no field 'z' in pair, which has x, y"
        ),
        (
            #""structs": {"pair": {"fields": [\#(pair)]}}, "calls": [{"function": "abs", "arguments": [{"name": "p", "type": "pair[2]", "direction": "out"}], "metrics": [{"name": "m", "value": "p[*].z"}]}]"#,
            "metric m, value: there is no field 'z' in pair, which has x, y"
        ),
        (
            #""calls": [{"function": "abs", "returns": "int", "metrics": [{"name": "my-cpus", "value": "return"}]}]"#,
            "abs has a metric 'my-cpus'; expected letters, digits, '_'"
        ),
        (
            #""calls": [{"function": "abs", "returns": "int", "metrics": [{"name": "m", "value": "return", "labels": {"a-b": "c"}}]}]"#,
            "has a label 'a-b'; expected letters"
        ),
        (
            #""calls": [{"function": "abs", "returns": "int", "metrics": [{"name": "m", "value": "return"}]}, {"function": "labs", "returns": "long", "metrics": [{"name": "m", "value": "return"}]}]"#,
            "the metric m is there in abs and in labs with the same labels"
        ),
        (
            #""calls": [{"function": "abs", "returns": "int", "metrics": [{"name": "m", "value": "return", "labels": {"a": "b"}}, {"name": "m", "value": "return", "labels": {"a": "b"}}]}]"#,
            "the metric m is there twice in abs with the same labels"
        ),
        (
            #""calls": [{"function": "abs", "returns": "int", "metrics": [{"name": "m", "value": "return", "labels": {"a": "b"}}, {"name": "m", "value": "return", "type": "counter", "labels": {"a": "c"}}]}]"#,
            "once as a counter and once as a gauge"
        ),
    ])
    func isRefusedAtTheStart(_ calls: String, _ message: String) throws {
        #expect {
            _ = try start(#"{"library": "libc.so.6", \#(calls)}"#)
        } throws: { error in
            "\(error)".contains(message)
        }
    }

    @Test func aCallThatHangsOrCrashesIsAnErrorWithItsName() throws {
        let library = try CLibrary(
            """
            #include <stdio.h>
            #include <unistd.h>
            int odd(const char *path) {
                FILE *file = fopen(path, "r");
                int mood = fgetc(file);
                fclose(file);
                if (mood == 'h') for (;;) sleep(1000);
                if (mood == 'c') *(volatile int *)8 = 1;
                return mood == 'f' ? -1 : 5;
            }
            """)
        let mood = library.folder.path("mood")
        func set(_ text: String) throws {
            try text.write(toFile: mood, atomically: true, encoding: .utf8)
        }
        try set("well")
        let exporter = try start(
            """
            {"library": "\(library.path)", "calls": [{"function": "odd", "returns": "int",
             "arguments": [{"name": "path", "type": "string", "value": "\(mood)"}],
             "expect": {"at_least": 0}, "metrics": [{"name": "odd", "value": "return"}]}]}
            """)
        for (text, message) in [
            ("hang", "no answer from weir-ffi-worker within 1.8 s during odd; it was killed"),
            ("crash", "weir-ffi-worker was ended by SIGSEGV during odd"),
            ("fail", "odd returned -1, expected at least 0.0"),
        ] {
            try set(text)
            let (metrics, error) = collect(exporter)
            #expect(error?.message == message)
            #expect(metrics.named("ffi_up").map(\.value) == [.integer(0)])
            #expect(metrics.named("odd").isEmpty)
            try set("well")
            host.advance(by: .seconds(15))
            let again = collect(exporter)
            #expect(again.metrics.named("odd").map(\.value) == [.integer(5)], "\(again)")
        }
        try exporter.end()
    }
}

/// A library of C that is compiled for a test.
final class CLibrary {
    let folder: TemporaryFolder
    var path: String { folder.path("test.so") }

    init(_ source: String) throws {
        folder = try TemporaryFolder()
        let file = try folder.write(source, to: "test.c")
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/gcc")
        process.arguments = ["-shared", "-fPIC", "-O1", "-o", path, file]
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw CocoaError(.executableLoad) }
    }
}
