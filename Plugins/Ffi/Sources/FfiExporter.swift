import WeirJSON
package import WeirSDK

/// Calls the functions of the configuration, through a worker that has the library loaded.
package final class FfiExporter: Exporter {
    private struct Call {
        let settings: CallSettings
        let rules: [MetricRule]
    }

    private let settings: FfiSettings
    private let calls: [Call]
    private let worker: WorkerProcess
    private let request: [JSONMember]

    package init(settings: FfiSettings, host: Host) throws(ComponentError) {
        self.settings = settings
        let fields = StructFields(settings.structs?.json)
        var calls: [Call] = []
        for call in settings.calls {
            let filled = (call.arguments ?? []).filter { $0.direction.hasSuffix("out") }
            let results =
                (call.returns == "void" ? [] : [(name: "return", type: call.returns)])
                + filled.map { (name: $0.name, type: $0.type) }
            var rules: [MetricRule] = []
            for metric in call.metrics ?? [] {
                guard !results.isEmpty else {
                    throw .invalid(
                        "\(call.function) returns nothing and fills no argument, so there is nothing "
                            + "for the metric \(metric.name); give it returns, or an argument a "
                            + "direction of out")
                }
                rules.append(
                    try MetricRule(
                        metric, prefix: settings.prefix, function: call.function,
                        results: results, fields: fields))
            }
            if call.expect != nil && call.returns == "void" {
                throw .invalid("\(call.function): expect needs a number, and returns is void")
            }
            calls.append(Call(settings: call, rules: rules))
        }
        try FfiExporter.checkSeries(calls)
        self.calls = calls
        worker = WorkerProcess(
            .besidePlugin("weir-ffi-worker", environment: settings.environment ?? [:]), host: host)
        request = [
            JSONMember("library", .string(settings.library)),
            JSONMember("structs", settings.structs?.json ?? .object([])),
            JSONMember("calls", .array(settings.calls.map(\.json))),
        ]
    }

    /// Two metrics of one name need labels that tell them apart, and the same type.
    private static func checkSeries(_ calls: [Call]) throws(ComponentError) {
        var seen: [(rule: MetricRule, call: Int, function: String)] = []
        for (index, call) in calls.enumerated() {
            for rule in call.rules {
                let function = call.settings.function
                for known in seen where known.rule.name == rule.name {
                    let places =
                        known.function == function
                        ? "twice in \(function)" : "in \(known.function) and in \(function)"
                    guard known.rule.isCounter == rule.isCounter else {
                        throw .invalid(
                            "the metric \(rule.name) is there \(places), once as a counter and once "
                                + "as a gauge; a metric has one type")
                    }
                    // Labels from the results of two calls may differ.
                    let isSame =
                        known.rule.labelTexts == rule.labelTexts
                        && (known.call == index || rule.hasFixedLabels)
                    guard !isSame else {
                        throw .invalid(
                            "the metric \(rule.name) is there \(places) with the same labels, so one "
                                + "value could not be told from the other; give one of them another "
                                + "name or label")
                    }
                }
                seen.append((rule, index, function))
            }
        }
    }

    /// Has the signatures checked, so that what is wrong with them is known before the first call.
    package func start(deadline: Deadline) throws(ComponentError) {
        do throws(WorkerFailure) {
            _ = try worker.request(
                .object(request + [JSONMember("check", .bool(true))]), deadline: deadline)
        } catch {
            // A library that comes later is found by the collections.
            if case .answered(let problem) = error, problem.kind == .invalid { throw problem }
        }
    }

    package func stop(deadline: Deadline) { worker.stop() }

    package func collect(into metrics: inout Metrics, deadline: Deadline) throws(ComponentError) {
        metrics.usesPrometheusNames = true
        var failure: ComponentError?
        do throws(WorkerFailure) {
            let answer = try worker.request(
                .object(request), deadline: deadline, limit: .seconds(60))
            let results = answer.arrayValue ?? []
            for (call, result) in zip(calls, results) {
                do throws(ComponentError) {
                    try write(call, result, to: &metrics)
                } catch {
                    failure = failure ?? error
                }
            }
        } catch {
            if case .answered(let problem) = error { worker.restart(because: problem.message) }
            failure = error.componentError
        }
        metrics.gauge(
            settings.prefix + "ffi_up", help: "Whether all calls succeeded.",
            failure == nil ? 1 : 0,
            ["library": .string(settings.library)])
        if let failure { throw failure }
    }

    private func write(
        _ call: Call, _ result: JSONValue, to metrics: inout Metrics
    ) throws(ComponentError) {
        if let expect = call.settings.expect {
            let returned = result["return"] ?? .null
            guard let number = returned.number else {
                throw .refused(
                    "\(call.settings.function) returned \(returned.excerpt), expect needs a number"
                )
            }
            if let fault = expect.fault(number) {
                throw .retry(
                    "\(call.settings.function) returned \(returned.excerpt), \(fault)")
            }
        }
        for rule in call.rules { try rule.write(result, to: &metrics) }
    }
}

extension CallSettings {
    /// What the worker has to know of it.
    var json: JSONValue {
        let arguments = (arguments ?? []).map { argument in
            JSONValue.object([
                JSONMember("name", .string(argument.name)),
                JSONMember("type", .string(argument.type)),
                JSONMember("direction", .string(argument.direction)),
                JSONMember("value", argument.value?.json ?? .null),
            ])
        }
        return .object([
            JSONMember("function", .string(function)), JSONMember("returns", .string(returns)),
            JSONMember("arguments", .array(arguments)),
        ])
    }
}
