import WeirConfig
import WeirJSON
import WeirRuntime

/// What came of a reload, or would come of it.
struct ReloadOutcome: Sendable {
    enum Status: String, Sendable {
        /// Not done: this is what it would do.
        case planned
        case applied
        case unchanged
        /// The configuration is wrong. Nothing has changed.
        case invalid
        /// The world refuses: an address is taken, or the process ends. Nothing has changed.
        case failed
    }

    var status: Status
    var plan: ReloadPlan?
    var service = ServiceChanges()
    /// What is wrong with the configuration, where there is a place for it.
    var diagnostics: [Diagnostic] = []
    /// Why nothing changed, where that is not in the diagnostics.
    var reasons: [String] = []
    /// Components that were taken out and are still ending what they have begun.
    var leaving: [String] = []

    var isRefused: Bool { status == .invalid || status == .failed }

    /// Of the answer over HTTP.
    var code: Int {
        switch status {
        case .planned, .applied, .unchanged: 200
        case .invalid: 400
        case .failed: 500
        }
    }

    var text: String {
        switch status {
        case .invalid, .failed:
            let errors = diagnostics.filter { $0.severity == .error }
            return errors.map { $0.text() }.joined()
                + reasons.map { "\($0)\n" }.joined()
                + "nothing was changed\n"
        case .unchanged: return "nothing has changed\n"
        case .planned, .applied:
            var text = plan?.text ?? ""
            for key in service.applied {
                text += status == .planned ? "would apply" : "applied"
                text += "    service.\(key)\n"
            }
            for key in service.needRestart {
                text += "not applied service.\(key): restart weir for it\n"
            }
            for key in leaving { text += "ending     \(key)\n" }
            return text.isEmpty ? "nothing would change\n" : text
        }
    }

    var json: JSONValue {
        func list(_ texts: [String]) -> JSONValue { .array(texts.map { .string($0) }) }
        var members = [JSONMember("status", .string(status.rawValue))]
        if let plan { members.append(JSONMember("plan", plan.json)) }
        members.append(
            JSONMember(
                "service",
                .object([
                    JSONMember("applied", list(service.applied)),
                    JSONMember("need_restart", list(service.needRestart)),
                ])))
        members.append(JSONMember("ending", list(leaving)))
        members.append(JSONMember("diagnostics", .array(diagnostics.map(\.json))))
        members.append(JSONMember("errors", list(reasons)))
        return .object(members)
    }
}
