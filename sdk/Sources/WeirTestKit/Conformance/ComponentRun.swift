import WeirJSON
import WeirSDK
import WeirTelemetry

/// All runs of one component; each has a host of its own.
struct ComponentRun {
    private let plugin: Plugin
    private let registration: Registration
    private let component: ComponentMetadata
    private let options: ConformanceOptions

    init(
        _ plugin: Plugin, _ registration: Registration, _ component: ComponentMetadata,
        _ options: ConformanceOptions
    ) {
        self.plugin = plugin
        self.registration = registration
        self.component = component
        self.options = options
    }

    private typealias Step = (name: String, run: (TestInstance) throws -> Void)

    func all() -> [String] {
        var faults = garbage()
        var steps: [Step] = [
            ("create, destroy", { _ in }),
            ("stop without start", { try $0.stop() }),
            ("drain without start", { try $0.drain() }),
            (
                "stop twice without start",
                { instance in
                    try instance.stop(); try instance.stop()
                }
            ),
        ]
        if options.startsWithoutServer {
            steps += [
                ("start, destroy", { try $0.start() }),
                (
                    "start, stop",
                    { instance in
                        try instance.start(); try instance.stop()
                    }
                ),
                (
                    "start, stop, stop",
                    { instance in
                        try instance.start(); try instance.stop(); try instance.stop()
                    }
                ),
                (
                    "start, drain, stop",
                    { instance in
                        try instance.start(); try instance.drain(); try instance.stop()
                    }
                ),
                (
                    "drain twice",
                    { instance in
                        try instance.start(); try instance.drain(); try instance.drain()
                        try instance.stop()
                    }
                ),
                ("start after its deadline", startLate),
                ("start twice", startTwice),
                ("work", work),
                ("work after stop", workAfterStop),
                ("work while what follows refuses", { try work($0, answer: .refused("no")) }),
                ("work while what follows is busy", { try work($0, answer: .retry("busy")) }),
            ]
            if registration.capabilities.contains(.runsConcurrently) {
                steps.append(("work on several threads", workConcurrently))
            }
        }
        for step in steps { faults += run(step) }
        return faults
    }

    private var settings: String {
        options.settings["\(registration.kind) \(registration.type)"]
            ?? options.settings[registration.type] ?? "{}"
    }

    /// One instance through one sequence of calls, with a clean host at the end.
    private func run(_ step: Step) -> [String] {
        let host = FakeHost()
        do {
            let settings = try component.normalise(settings)
            let instance = try host.createRaw(
                plugin, registration.kind, registration.type, settings.serialized())
            defer { instance.destroy() }
            try step.run(instance)
            instance.destroy()
            try host.checkClean()
            return []
        } catch {
            return ["\(step.name): \(error)"]
        }
    }

    /// Settings that no host would pass: they end in an error or in an instance, never in a crash.
    private func garbage() -> [String] {
        let texts = [
            "", "null", "[]", "0", "\"\"", "{", "{\"", "\u{0}", "{\"a\":", "[[[[[[", "{}",
            String(repeating: "[", count: 5000), "{\"timeout\":-1}", "{\"timeout\":\"soon\"}",
        ]
        var values: [JSONValue] = [.null, .bool(true), .integer(-1), .integer(.max), .number(0.5)]
        values += [.string(""), .array([]), .array([.null]), .object([])]
        let sample = Schema(component.schema).sample().objectValue ?? []
        let mutants = sample.indices.flatMap { index in
            values.map { value in
                var members = sample
                members[index].value = value
                return JSONValue.object(members).serialized()
            }
        }
        var faults: [String] = []
        for text in texts + mutants {
            let host = FakeHost()
            do throws(ComponentError) {
                try host.createRaw(plugin, registration.kind, registration.type, text).destroy()
            } catch {
                if error.message.isEmpty { faults.append("settings \(text): error without a text") }
            }
            do { try host.checkClean() } catch { faults.append("settings \(text): \(error)") }
        }
        return faults
    }

    private func startLate(_ instance: TestInstance) throws {
        do {
            try instance.start(deadline: Deadline(monotonicNanoseconds: 1))
            throw TestFailure("a start whose deadline has passed succeeded")
        } catch let error as ComponentError where error.kind == .timeout {}
        try instance.stop()
    }

    private func startTwice(_ instance: TestInstance) throws {
        try instance.start()
        do {
            try instance.start()
            throw TestFailure("a second start succeeded")
        } catch let error as ComponentError where error.kind == .invalid {}
        try instance.stop()
    }

    private func work(_ instance: TestInstance) throws { try work(instance, answer: nil) }

    private func work(_ instance: TestInstance, answer: ComponentError?) throws {
        try instance.start()
        instance.host.answerEmit { _ in answer }
        for batch in try samples(instance.host) {
            do { try give(batch, to: instance) } catch let error as ComponentError {
                guard case .retry = error.kind, answer != nil else {
                    if error.kind == .refused && answer != nil { continue }
                    throw TestFailure("a valid batch: \(error)")
                }
            }
        }
        instance.host.advance(by: .seconds(60))
        instance.host.answerEmit(nil)
        instance.host.advance(by: .seconds(60))
        try instance.drain()
        try checkConserved(instance)
        try instance.stop()
    }

    private func workAfterStop(_ instance: TestInstance) throws {
        try instance.start()
        try instance.stop()
        for batch in try samples(instance.host).prefix(1) {
            if registration.kind == .sink {
                guard case .retry = instance.deliver(batch).outcome else {
                    throw TestFailure("deliver() after stop() was not refused as cancelled")
                }
            } else if takes {
                do {
                    try instance.consume(batch)
                    throw TestFailure("consume() after stop() succeeded")
                } catch let error as ComponentError where error.kind == .cancelled {}
            }
        }
    }

    private func workConcurrently(_ instance: TestInstance) throws {
        try instance.start()
        let batches = try samples(instance.host)
        let failure = onThreads(4) {
            for _ in 0..<50 { for batch in batches { try give(batch, to: instance) } }
        }
        if let failure { throw failure }
        instance.host.advance(by: .seconds(60))
        try instance.drain()
        try checkConserved(instance)
        try instance.stop()
    }

    private var takes: Bool { registration.kind == .processor || registration.kind == .connector }

    private func give(_ batch: TestBatch, to instance: TestInstance) throws {
        switch registration.kind {
        case .processor, .connector: try instance.consume(batch)
        case .sink: _ = instance.deliver(batch)
        case .exporter:
            // Whether the system that it watches answers is not what this tests.
            _ = try? instance.collect(deadline: Deadline(monotonicNanoseconds: 1))
        case .receiver, .extension: break
        }
    }

    private func checkConserved(_ instance: TestInstance) throws(TestFailure) {
        guard registration.kind == .processor, options.conservesItems else { return }
        guard instance.held == 0 else {
            throw TestFailure(
                "after drain(): \(instance.taken) items were taken, and \(instance.held) were "
                    + "neither emitted nor dropped")
        }
    }

    /// Batches of every signal that the component consumes.
    private func samples(_ host: FakeHost) throws(ComponentError) -> [TestBatch] {
        let names = component.json["consumes"]?.arrayValue?.compactMap(\.stringValue) ?? []
        var batches: [TestBatch] = []
        for signal in Signal.allCases where names.contains(signal.name) {
            for bytes in OTLPSample.all(signal) {
                batches.append(try host.batch(signal, bytes))
            }
        }
        return batches
    }
}
