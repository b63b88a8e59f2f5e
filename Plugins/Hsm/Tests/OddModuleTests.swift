import Foundation
import HsmPlugin
import Testing
import WeirSDK
import WeirTestKit

/// Modules that hang, crash, are gone, or refuse.
@Suite(.serialized) struct OddModuleTests {
    let host = FakeHost()

    func start(_ odd: OddModule, _ more: String = "") throws -> TestInstance {
        try host.start(
            plugin, .exporter, "hsm",
            settings: """
                {"module": "\(odd.path)", "environment": {"ODD_MOOD": "\(odd.mood)"}\(more)}
                """)
    }

    func collect(_ exporter: TestInstance) -> (metrics: CollectedMetrics, error: ComponentError?) {
        exporter.collectOutcome(
            deadline: host.asSeenByPlugin.deadline(in: .seconds(2)))
    }

    func value(_ metrics: CollectedMetrics, _ name: String) -> CollectedMetrics.Value? {
        metrics.named(name).first?.value
    }

    @Test func leavesOutWhatTheModuleDoesNotKnow() throws {
        let odd = try OddModule()
        let exporter = try start(odd)
        let metrics = try exporter.collect()
        #expect(metrics.named("hsm_sessions").isEmpty)
        #expect(metrics.named("hsm_memory_free_bytes").map(\.value) == [.integer(0)])
        #expect(metrics.named("hsm_memory_total_bytes").map(\.value) == [.integer(65536)])
        let limits = metrics.named("hsm_sessions_max")
        #expect(limits.map(\.value) == [.integer(4)])
        #expect(limits.first?.attributes.last?.value == .string("rw"))
        try odd.set("numbers")
        let sessions = try exporter.collect().named("hsm_sessions")
        #expect(sessions.map(\.value) == [.integer(1), .integer(2)], "rw, and the others")
        try exporter.end()
    }

    @Test(arguments: [
        ("hang", "during C_GetTokenInfo; it was killed", "TIMEOUT"),
        ("crash", "was ended by SIGSEGV during C_GetTokenInfo", "CRASH"),
        ("removed", "C_GetTokenInfo on a token: CKR_DEVICE_REMOVED", "CKR_DEVICE_REMOVED"),
        ("uninitialised", "C_Initialize of ", "MODULE"),
        ("empty", "tokens found: none", ""),
    ])
    func isAnErrorWithANameAndThenWellAgain(
        _ mood: String, _ message: String, _ code: String
    ) throws {
        let odd = try OddModule()
        let exporter = try start(odd)
        if mood != "uninitialised" {
            let first = try exporter.collect()
            #expect(value(first, "hsm_connections_active") == .integer(1))
        }
        try odd.set(mood)
        let before = ContinuousClock.now
        let (metrics, error) = collect(exporter)
        #expect(ContinuousClock.now - before < .seconds(2))
        #expect(error?.message.contains(message) == true, "\(error?.message ?? "no error")")
        #expect(value(metrics, "hsm_up") == .integer(0))
        #expect(value(metrics, "hsm_connections_active") == .integer(0))
        if mood == "hang" || mood == "crash" {
            #expect(
                value(metrics, "hsm_token_up") == .integer(0), "a token that was seen is not absent"
            )
        }
        let failures = metrics.named("hsm_errors_total").filter {
            $0.attributes == ["code": .string(code)]
        }
        #expect(code.isEmpty || failures.map(\.value) == [.integer(1)])
        try odd.set("well")
        host.advance(by: .seconds(15))
        let again = collect(exporter)
        #expect(again.error == nil && value(again.metrics, "hsm_up") == .integer(1))
        try exporter.end()
    }

    @Test func aWrongPINIsTriedOnceUntilItChanges() throws {
        let odd = try OddModule()
        let file = try odd.folder.write("1111\n", to: "pin")
        let exporter = try start(odd, #", "token": "odd", "pin_file": "\#(file)""#)
        for _ in 0..<5 {
            let (metrics, error) = collect(exporter)
            #expect(error?.kind == .refused)
            #expect(error?.message.contains("CKR_PIN_INCORRECT") == true)
            #expect(value(metrics, "hsm_connections_active") == .integer(0))
            #expect(value(metrics, "hsm_token_info") == .integer(1), "what needs no PIN is there")
            host.advance(by: .seconds(15))
        }
        #expect(odd.logins == 1)
        // The module crashes: a fresh process is no reason to try it again.
        try odd.set("crash")
        _ = collect(exporter)
        try odd.set("well")
        host.advance(by: .seconds(60))
        _ = collect(exporter)
        #expect(odd.logins == 1)
        // The same one, written again.
        try odd.folder.write("1111", to: "pin")
        _ = collect(exporter)
        #expect(odd.logins == 1)
        try odd.folder.write("0000\n", to: "pin")
        #expect(collect(exporter).error == nil)
        #expect(collect(exporter).error == nil)
        #expect(odd.logins == 2, "and a session that is logged in is not logged in again")
        try exporter.end()
    }

    /// Neither a reload, which makes a new exporter, nor a second exporter tries it again.
    @Test func aWrongPINIsTriedOnceByAllExporters() throws {
        let odd = try OddModule()
        for _ in 0..<3 {
            let exporter = try start(odd, #", "token": "odd", "pin": "2222""#)
            let error = collect(exporter).error
            #expect(error?.message.contains("CKR_PIN_INCORRECT") == true, "\(error as Any)")
            try exporter.end()
        }
        let exporter = try start(odd, #", "serial": "0815", "pin": "2222""#)
        #expect(collect(exporter).error?.kind == .refused)
        #expect(odd.logins == 1)
        try exporter.end()
    }

    /// Two tokens have the label of the settings, and another PIN.
    @Test func aWrongPINIsTriedOnceOnEachToken() throws {
        let odd = try OddModule()
        try odd.set("twins")
        let exporter = try start(odd, #", "token": "odd", "pin": "0000""#)
        for _ in 0..<5 {
            let error = collect(exporter).error
            #expect(error?.message.contains("CKR_PIN_INCORRECT") == true, "\(error as Any)")
            host.advance(by: .seconds(15))
        }
        #expect(odd.logins == 2)
        try exporter.end()
    }

    /// Whether a login that did not return has cost a try is for the token to say.
    @Test func aLoginThatHangsIsNotRepeatedOnceItCounts() throws {
        let odd = try OddModule()
        try odd.set("login hangs")
        let exporter = try start(odd, #", "token": "odd", "pin": "0000""#)
        #expect(collect(exporter).error?.message.contains("during C_Login") == true)
        try odd.set("count low")
        for _ in 0..<3 {
            host.advance(by: .seconds(60))
            let error = collect(exporter).error
            #expect(error?.message.contains("CKF_USER_PIN_COUNT_LOW") == true, "\(error as Any)")
        }
        #expect(odd.logins == 1)
        try odd.set("well")
        #expect(collect(exporter).error == nil)
        // What counts wrong PINs of others is no reason, once this one has proven good.
        try odd.set("crash")
        _ = collect(exporter)
        try odd.set("count low")
        host.advance(by: .seconds(60))
        #expect(collect(exporter).error == nil)
        #expect(odd.logins == 3)
        try exporter.end()
    }

    /// A process before this one may have tried it, and the next one will.
    @Test func aCountThatIsLowIsNotMadeLower() throws {
        let odd = try OddModule()
        try odd.set("restarted")
        let file = try odd.folder.write("1111\n", to: "pin")
        let exporter = try start(odd, #", "token": "odd", "pin_file": "\#(file)""#)
        for _ in 0..<3 {
            let error = collect(exporter).error
            #expect(error?.kind == .refused)
            #expect(error?.message.contains("CKF_USER_PIN_COUNT_LOW") == true, "\(error as Any)")
            host.advance(by: .seconds(15))
        }
        #expect(odd.logins == 0)
        // Who changes the PIN meanwhile wants it tried.
        try odd.folder.write("0000\n", to: "pin")
        #expect(collect(exporter).error == nil)
        #expect(odd.logins == 1)
        try exporter.end()
        // What a reload makes knows that it is good.
        let other = try start(odd, #", "token": "odd", "pin": "0000""#)
        #expect(collect(other).error == nil)
        #expect(odd.logins == 2)
        try other.end()
    }

    @Test func anotherSlotThatFailsIsNotTheTokens() throws {
        let odd = try OddModule()
        try odd.set("bad neighbour")
        let exporter = try start(odd, #", "token": "odd""#)
        let (metrics, error) = collect(exporter)
        #expect(error == nil && value(metrics, "hsm_up") == .integer(1))
        let failures = metrics.named("hsm_errors_total").filter {
            $0.attributes == ["code": "CKR_DEVICE_ERROR"]
        }
        #expect(failures.map(\.value) == [.integer(1)])
        try exporter.end()
    }

    @Test func theLastTryIsNotTaken() throws {
        let odd = try OddModule()
        try odd.set("final try")
        let exporter = try start(odd, #", "token": "odd", "pin": "0000""#)
        let error = collect(exporter).error
        #expect(error?.message.contains("CKF_USER_PIN_FINAL_TRY") == true)
        #expect(odd.logins == 0)
        try exporter.end()
    }

    @Test(arguments: [
        (#"{"module": "/nowhere/hsm.so"}"#, "the module cannot be loaded: /nowhere/hsm.so"),
        (#"{"module": "libc.so.6"}"#, "libc.so.6 has no C_GetFunctionList"),
    ])
    func aModuleThatIsNoneIsZero(_ settings: String, _ message: String) throws {
        let exporter = try host.start(plugin, .exporter, "hsm", settings: settings)
        let (metrics, error) = exporter.collectOutcome()
        #expect(error?.message.contains(message) == true, "\(error?.message ?? "no error")")
        #expect(value(metrics, "hsm_up") == .integer(0))
        #expect(value(metrics, "hsm_connections_active") == .integer(0))
        try exporter.end()
    }

    @Test(arguments: [
        (#", "pin": "1""#, "a PIN is given and no token"),
        (#", "token": "a", "pin": "1", "pin_file": "/x""#, "pin and pin_file are both given"),
        (#", "namespace": "a-b""#, "namespace is 'a-b'"),
    ])
    func settingsThatMakeNoSense(_ more: String, _ message: String) throws {
        #expect {
            try host.start(plugin, .exporter, "hsm", settings: #"{"module": "/x"\#(more)}"#)
        } throws: { error in
            "\(error)".contains(message)
        }
    }

    @Test(.timeLimit(.minutes(4))) func nothingLeaksOverAThousandFailures() throws {
        let odd = try OddModule()
        let exporter = try start(odd)
        try odd.set("crash")
        _ = collect(exporter)
        let before = openDescriptors()
        var memory = 0
        for round in 0..<1000 {
            if round == 100 { memory = residentBytes() }
            host.advance(by: .seconds(60))
            #expect(collect(exporter).error != nil)
        }
        #expect(openDescriptors() < before + 20)
        #expect(residentBytes() < memory + 4 << 20)
        try odd.set("well")
        host.advance(by: .seconds(60))
        #expect(collect(exporter).error == nil)
        try exporter.end()
    }

    func residentBytes() -> Int {
        // A sanitizer keeps what was freed.
        for name in ["__asan_init", "__tsan_init"] where unsafe dlsym(nil, name) != nil { return 0 }
        let text = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)
        return (text?.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0) * 4096
    }

    func openDescriptors() -> Int {
        (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count) ?? 0
    }

    @Test func conforms() throws {
        try conformance(
            plugin, ConformanceOptions(settings: ["hsm": #"{"module": "/usr/lib/hsm.so"}"#]))
    }
}
