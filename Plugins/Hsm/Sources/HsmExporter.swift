import Synchronization
import WeirJSON
package import WeirSDK

/// Looks at the tokens of one PKCS#11 module, through a worker that has the module loaded.
package final class HsmExporter: Exporter {
    private struct State {
        var pin: PINKeeper
        var totals = Totals()
        /// Tokens that were seen, so that one that is gone is 0 and not absent.
        var known: Set<TokenReading.Name> = []
        /// Keys of probes that are not there, which was said.
        var missing: Set<String> = []
    }

    private let settings: HsmSettings
    private let prefix: String
    private let host: Host
    private let worker: WorkerProcess
    private let state: Mutex<State>

    package init(settings: HsmSettings, host: Host) throws(ComponentError) {
        try settings.check()
        self.host = host
        self.settings = settings
        prefix = settings.namespace.isEmpty ? "hsm_" : settings.namespace + "_hsm_"
        let environment = VendorVariables.found.merging(settings.environment ?? [:]) { $1 }
        worker = WorkerProcess(
            .besidePlugin("weir-hsm-worker", environment: environment), host: host)
        state = Mutex(State(pin: PINKeeper(pin: settings.pin, file: settings.pinFile)))
    }

    package func stop(deadline: Deadline) { worker.stop() }

    package func collect(into metrics: inout Metrics, deadline: Deadline) throws(ComponentError) {
        metrics.usesPrometheusNames = true
        var state = state.withLock { $0 }
        var reading = ModuleReading()
        var failure: ComponentError?
        do throws(ComponentError) {
            let pin = try state.pin.current()
            let known = pin.map { PINRecord.refusals(of: $0) } ?? [:]
            let trial = PINRecord.Trial(module: settings.module, pin: pin ?? "")
            let isTrial = pin != nil && known.isEmpty && !state.pin.isProven
            guard !isTrial || PINRecord.begin(trial) else {
                throw .retry(
                    "another exporter is finding out whether \(settings.chosen) takes the PIN")
            }
            defer { if isTrial { PINRecord.end(trial) } }
            reading = try look(request(pin, known, state.pin), &state, deadline)
            failure = judge(reading, pin, known, &state)
        } catch {
            failure = error
        }
        let tokens = reading.tokens.compactMap(\.name)
        state.known.formUnion(tokens)
        if failure == nil { sayMissing(reading, &state) }
        let result = state
        self.state.withLock { $0 = result }
        let writer = HsmWriter(prefix: prefix, chosen: settings.token ?? "")
        writer.write(
            reading, isUp: failure == nil, known: result.known, starts: worker.starts, to: &metrics)
        result.totals.write(prefix, to: &metrics)
        if let failure { throw failure }
    }

    /// Says of each key that is not found that it is not, once.
    private func sayMissing(_ reading: ModuleReading, _ state: inout State) {
        var missing: Set<String> = []
        for token in reading.tokens {
            for probe in token.probes {
                guard let others = probe.others else { continue }
                let place = "the key '\(probe.key)' on the token '\(token.name?.token ?? "")'"
                missing.insert(place)
                guard !state.missing.contains(place) else { continue }
                let labels = others.map { "'\($0)'" }.joined(separator: ", ")
                // Private keys show themselves only to whoever is logged in.
                let advice = token.login == nil ? " Without a PIN, private keys are hidden." : ""
                host.log(
                    .warning,
                    "probe: \(place) is not found; keys there: "
                        + "\(labels.isEmpty ? "none" : labels).\(advice)")
            }
        }
        state.missing = missing
    }

    /// One request of the worker, and what it adds to the totals.
    private func look(
        _ request: JSONValue, _ state: inout State, _ deadline: Deadline
    ) throws(ComponentError) -> ModuleReading {
        do throws(WorkerFailure) {
            let answer = try worker.request(request, deadline: deadline, limit: .seconds(60))
            let reading = ModuleReading(answer)
            reading.add(to: &state.totals)
            return reading
        } catch {
            switch error {
            case .timeout: state.totals.error("TIMEOUT")
            case .died: state.totals.error("CRASH")
            case .answered(let problem):
                state.totals.error("MODULE")
                // What has failed to load or to begin gets a fresh process next time.
                worker.restart(because: problem.message)
            case .start, .waiting, .cancelled: break
            }
            let problem = error.componentError
            if problem.message.contains("C_Login") { state.pin.isUncertain = true }
            throw problem
        }
    }

    /// - Parameter refusals: tokens on which the PIN is not tried.
    private func request(
        _ pin: String?, _ refusals: [TokenReading.Name: String], _ keeper: PINKeeper
    ) -> JSONValue {
        var members = [
            JSONMember("module", .string(settings.module)),
            JSONMember("objects", .bool(settings.objects)),
            JSONMember("certificates", .bool(settings.certificates)),
        ]
        if let pin { members.append(JSONMember("pin", .string(pin))) }
        members.append(JSONMember("uncertain", .bool(keeper.isUncertain)))
        let trial = PINRecord.Trial(module: settings.module, pin: pin ?? "")
        members.append(
            JSONMember("cautious", .bool(keeper.isFirst && !PINRecord.isProven(trial))))
        let counted = PINRecord.tokens.map { name in
            JSONValue.object([
                JSONMember("token", .string(name.token)),
                JSONMember("serial", .string(name.serial)),
            ])
        }
        members.append(JSONMember("counted", .array(counted)))
        let refusals = refusals.map { name, code in
            JSONValue.object([
                JSONMember("token", .string(name.token)),
                JSONMember("serial", .string(name.serial)),
                JSONMember("code", .string(code)),
            ])
        }
        members.append(JSONMember("refusals", .array(refusals)))
        for (key, value) in [
            ("token", settings.token), ("serial", settings.serial),
            ("configuration", settings.configuration),
        ] {
            if let value { members.append(JSONMember(key, .string(value))) }
        }
        if let slot = settings.slot { members.append(JSONMember("slot", .integer(Int64(slot)))) }
        let probes = (settings.probe ?? []).map { probe in
            JSONValue.object([
                JSONMember("key", .string(probe.key)), JSONMember("id", .string(probe.id ?? "")),
                JSONMember("mechanism", .string(probe.mechanism)),
                JSONMember("verify", .bool(probe.verify)),
            ])
        }
        members.append(JSONMember("probe", .array(probes)))
        return .object(members)
    }

    /// What is wrong with a reading, if something is.
    private func judge(
        _ reading: ModuleReading, _ pin: String?, _ refusals: [TokenReading.Name: String],
        _ state: inout State
    ) -> ComponentError? {
        if let error = reading.errors.first {
            return lost("\(error.function) of \(settings.module): \(error.code)")
        }
        let watched = reading.tokens.filter(\.isWatched)
        // A slot that fails may hold the token that is missing; if that one is there, it does not.
        let failing = reading.tokens.first {
            !$0.errors.isEmpty && ($0.isChosen(by: settings) ?? watched.isEmpty)
        }
        if let error = failing?.errors.first {
            return lost("\(error.function) on \(settings.chosen): \(error.code)")
        }
        if watched.isEmpty {
            let labels = reading.tokens.compactMap(\.name?.token).map { "'\($0)'" }
            let found = labels.isEmpty ? "none" : labels.joined(separator: ", ")
            return lost(
                "\(settings.module) does not have \(settings.chosen) in a slot, initialised; "
                    + "tokens found: \(found)")
        }
        guard let pin else { return nil }
        var failure: ComponentError?
        for token in watched {
            guard let name = token.name, let code = token.login, code != "CKR_OK" else { continue }
            let problem =
                refusals[name].map { refusal($0) } ?? loginFailed(pin, name, code, &state)
            failure = failure ?? problem
        }
        if failure == nil {
            (state.pin.isProven, state.pin.isUncertain) = (true, false)
            PINRecord.proved(PINRecord.Trial(module: settings.module, pin: pin))
        }
        return failure
    }

    /// The connection is gone: the next collection begins with a fresh process.
    private func lost(_ message: String) -> ComponentError {
        worker.restart(because: message)
        return .retry(message)
    }

    private func loginFailed(
        _ pin: String, _ name: TokenReading.Name, _ code: String, _ state: inout State
    ) -> ComponentError {
        // What the flags of the token say is looked at anew each time.
        guard code.hasPrefix("CKR_") else { return refusal(code) }
        state.totals.error(code)
        if code == "CKR_PIN_LOCKED" { return refusal(code) }
        // Only what says nothing about the PIN may be tried again with the same one.
        let passing: Set = [
            "CKR_DEVICE_ERROR", "CKR_DEVICE_REMOVED", "CKR_DEVICE_MEMORY", "CKR_HOST_MEMORY",
            "CKR_SESSION_CLOSED", "CKR_SESSION_HANDLE_INVALID", "CKR_FUNCTION_CANCELED",
            "CKR_TOKEN_NOT_PRESENT", "CKR_OPERATION_ACTIVE", "CKR_USER_TOO_MANY_TYPES",
            "CKR_USER_ANOTHER_ALREADY_LOGGED_IN",
        ]
        if passing.contains(code) { return lost("C_Login on \(settings.chosen): \(code)") }
        PINRecord.refused(pin, by: name, code)
        return refusal(code)
    }

    private func refusal(_ code: String) -> ComponentError {
        let what = settings.pinFile.map { "the file \($0)" } ?? "the setting pin"
        if code == "FINAL_TRY" {
            return .refused(
                "\(settings.chosen) has one try left before it locks (CKF_USER_PIN_FINAL_TRY), which "
                    + "is not taken; log in by hand, then change \(what) or restart")
        }
        if code == "PIN_COUNT_LOW_BEFORE" {
            return .refused(
                "\(settings.chosen) has counted a wrong PIN since the last good one "
                    + "(CKF_USER_PIN_COUNT_LOW), maybe this one before a restart, so it is not tried; "
                    + "log in by hand, which clears the count, or change \(what) while weir runs")
        }
        if code == "PIN_COUNT_LOW" {
            return .refused(
                "a login on \(settings.chosen) did not return, and the token has counted a wrong PIN "
                    + "since the last good one (CKF_USER_PIN_COUNT_LOW), so it is not tried again; log "
                    + "in by hand, then change \(what) or restart")
        }
        return .refused(
            "\(settings.chosen) refused the PIN (\(code)); it is not tried again until \(what) changes"
        )
    }
}
