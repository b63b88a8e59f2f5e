import Glibc
import Synchronization
import Testing
import WeirJSON
import WeirTestKit

@testable import WeirSDK

/// The real program `sdk-test-worker`, beside the tests, under a host with virtual time.
@Suite(.serialized) struct WorkerProcessTests {
    let fake = FakeHost()

    func worker(_ name: String = "sdk-test-worker", _ environment: [String: String] = [:])
        -> WorkerProcess
    {
        WorkerProcess(.besidePlugin(name, environment: environment), host: fake.asSeenByPlugin)
    }

    func request(_ what: String) -> JSONValue { .object([JSONMember("do", .string(what))]) }

    func ask(_ worker: WorkerProcess, _ what: String, limit: Duration = .seconds(20))
        throws(WorkerFailure) -> JSONValue
    {
        try worker.request(request(what), deadline: .none, limit: limit)
    }

    static func openDescriptors() -> Int {
        (Int32(0)..<4096).count { fcntl($0, F_GETFD) >= 0 }
    }

    @Test func answersAndKeepsItsProcess() throws {
        let worker = worker()
        let first = try ask(worker, "echo")
        #expect(first["do"]?.stringValue == "echo")
        let process = worker.processID
        _ = try ask(worker, "print")
        #expect(throws: WorkerFailure.answered(.refused("the sensor says no"))) {
            try ask(worker, "refuse")
        }
        let long = String(repeating: "ü", count: 1_000_000)
        let large = JSONValue.object([
            JSONMember("do", .string("echo")), JSONMember("text", .string(long)),
        ])
        #expect(try worker.request(large, deadline: .none)["text"]?.stringValue == long)
        #expect(worker.starts == 1 && worker.processID == process)
        worker.stop()
        #expect(kill(process!, 0) == -1, "no zombie is left")
        #expect(throws: WorkerFailure.self) { try ask(worker, "echo") }
    }

    @Test func seesNothingOfTheHost() throws {
        unsafe setenv("WEIR_TEST_SECRET", "hunter2", 1)
        let file = unsafe open("/dev/null", O_RDONLY)  // not close-on-exec
        defer { close(file) }
        let worker = worker("sdk-test-worker", ["SENSOR_CONF": "/etc/sensor"])
        defer { worker.stop() }
        let environment = try ask(worker, "environment").stringValue ?? ""
        #expect(environment.contains("SENSOR_CONF=/etc/sensor"))
        #expect(!environment.contains("hunter2"))
        let names = environment.split(separator: "\0").map { $0.prefix { $0 != "=" } }
        let allowed: Set<Substring> = [
            "PATH", "HOME", "LANG", "TZ", "TMPDIR", "LD_LIBRARY_PATH", "SENSOR_CONF", "WEIR_WORKER",
            "ASAN_OPTIONS", "LSAN_OPTIONS", "TSAN_OPTIONS", "SWIFT_BACKTRACE",
        ]
        #expect(allowed.isSuperset(of: names))
        #expect(try ask(worker, "command line").stringValue?.hasSuffix("sdk-test-worker\0") == true)
        #expect(try ask(worker, "descriptors") == .array([0, 1, 2, 3].map { .integer($0) }))
    }

    @Test func isKilledAtTheDeadlineAndStartedAgain() throws {
        let worker = worker()
        defer { worker.stop() }
        _ = try ask(worker, "echo")
        let process = worker.processID!
        #expect(
            throws: WorkerFailure.timeout(
                "no answer from sdk-test-worker within 0.3 s during sensor_read; it was killed")
        ) { try ask(worker, "hang", limit: .milliseconds(300)) }
        #expect(kill(process, 0) == -1 && worker.processID == nil)
        #expect(
            throws: WorkerFailure.waiting(
                "no answer from sdk-test-worker within 0.3 s during sensor_read; it was killed "
                    + "(next attempt in 2 s)")
        ) { try ask(worker, "echo") }
        fake.advance(by: .seconds(1))
        _ = try ask(worker, "echo")
        #expect(worker.starts == 2)
    }

    /// A library may start programs: they hold up nothing, and do not stay.
    @Test(arguments: ["abort", "stop", "hang"]) func whatItStartsGoesWithIt(_ end: String) throws {
        let worker = worker()
        defer { worker.stop() }
        let program = try #require(try ask(worker, "start a program").integerValue)
        #expect(Self.isRunning(program))
        if end == "stop" {
            worker.stop()
        } else {
            let limit: Duration = end == "hang" ? .milliseconds(100) : .seconds(20)
            let error = #expect(throws: WorkerFailure.self) { try ask(worker, end, limit: limit) }
            if end == "abort", case .died? = error {} else { #expect(end == "hang", "\(error!)") }
        }
        for _ in 0..<1000 where Self.isRunning(program) { usleep(5000) }
        #expect(!Self.isRunning(program))
    }

    /// One that nobody reaps does not run.
    static func isRunning(_ process: Int64) -> Bool {
        let file = unsafe open("/proc/\(process)/stat", O_RDONLY)
        guard file >= 0 else { return false }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: 256)
        let count = unsafe read(file, &bytes, bytes.count)
        // 17 (sleep) S 1 ...
        let text = String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
        return !text.isEmpty && !text.contains(") Z ")
    }

    @Test func endsBeforeTheHostsDeadline() throws {
        let worker = worker()
        defer { worker.stop() }
        let host = fake.asSeenByPlugin
        let before = ContinuousClock.now
        do throws(WorkerFailure) {
            _ = try worker.request(request("hang"), deadline: host.deadline(in: .seconds(1)))
            Issue.record("an answer")
        } catch {
            guard case .timeout = error else {
                Issue.record("\(error)")
                return
            }
        }
        #expect(ContinuousClock.now - before < .milliseconds(1000))
    }

    @Test(arguments: [
        ("abort", "sdk-test-worker was ended by SIGABRT during sensor_open"),
        ("exit", "sdk-test-worker ended with status 7"),
    ])
    func namesHowItEnded(_ what: String, _ message: String) throws {
        let worker = worker()
        defer { worker.stop() }
        #expect(throws: WorkerFailure.died(message)) { try ask(worker, what) }
    }

    @Test func waitsLongerAfterEachFailure() throws {
        let worker = worker()
        defer { worker.stop() }
        for delay in [1, 2, 4, 8, 16, 32, 60, 60] {
            #expect(throws: WorkerFailure.died("sdk-test-worker ended with status 7")) {
                try ask(worker, "exit")
            }
            fake.advance(by: .seconds(delay) - .milliseconds(1))
            let starts = worker.starts
            #expect(throws: WorkerFailure.self) { try ask(worker, "exit") }
            #expect(worker.starts == starts, "not before \(delay) s have passed")
            fake.advance(by: .milliseconds(1))
        }
        _ = try ask(worker, "echo")
        #expect(throws: WorkerFailure.self) { try ask(worker, "exit") }
        fake.advance(by: .seconds(1))
        _ = try ask(worker, "echo")
    }

    @Test func saysWhereItWasLookedFor() throws {
        let worker = worker("weir-nothing-worker")
        #expect {
            try ask(worker, "echo")
        } throws: { error in
            guard case .start(let message)? = error as? WorkerFailure else { return false }
            return message.contains("/weir-nothing-worker cannot be started: No such file")
        }
    }

    @Test(.timeLimit(.minutes(40))) func nothingLeaksOverAThousandRestarts() throws {
        let worker = worker()
        _ = try ask(worker, "echo")
        let before = Self.openDescriptors()
        for _ in 0..<1000 {
            #expect(throws: WorkerFailure.self) { try ask(worker, "exit") }
            fake.advance(by: .seconds(60))
        }
        #expect(worker.starts == 1000)
        _ = try ask(worker, "echo")
        // Other suites open and close descriptors meanwhile, but none a thousand.
        #expect(Self.openDescriptors() < before + 50)
        worker.stop()
        #expect(waitpid(-1, nil, WNOHANG) <= 0, "no child is left to reap")
    }

    @Test func stoppingEndsARequestThatHangs() throws {
        let worker = worker()
        let turn = Atomic<Int>(0)
        let outcome = Mutex<WorkerFailure?>(nil)
        let failure = onThreads(2) {
            guard turn.add(1, ordering: .relaxed).oldValue == 0 else {
                while worker.processID == nil { usleep(1000) }
                worker.stop()
                return
            }
            do throws(WorkerFailure) {
                _ = try ask(worker, "hang", limit: .seconds(60))
            } catch {
                outcome.withLock { $0 = error }
            }
        }
        #expect(failure == nil)
        #expect(outcome.withLock { $0 } == .cancelled("the component is stopping"))
    }

    /// The other end of the socket closes without a word, as when the host was killed.
    @Test func endsWithItsHostInTheMiddleOfACall() throws {
        let process = try SpawnedProcess.start(.besidePlugin("sdk-test-worker"))
        var conversation = WorkerConversation(process.socket)
        let end = machineNanoseconds() + 200_000_000
        _ = conversation.run(request("hang").serializedBytes(), until: end) { false }
        #expect(conversation.note == "sensor_read")
        #expect(process.ended() == nil)
        close(process.socket)
        #expect(process.ended(withinMilliseconds: 10_000) == "ended with status 0")
    }

    @Test func isSmall() throws {
        let worker = worker()
        defer { worker.stop() }
        let status = try ask(worker, "resident").stringValue ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix("RssAnon:") } ?? ""
        let kilobytes = Int(line.split(separator: " ").dropFirst().first ?? "")
        // A sanitizer's own memory counts, too: some megabytes more.
        let isSanitized = ["__asan_init", "__tsan_init"].contains { (name: String) in
            unsafe dlsym(nil, name) != nil
        }
        #expect((kilobytes ?? 1 << 30) < (isSanitized ? 65_536 : 4096), "\(line)")
    }
}
