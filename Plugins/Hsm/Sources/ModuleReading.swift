import WeirJSON

/// What the worker found.
struct ModuleReading {
    struct Failure { var function, code: String }

    var info: JSONValue?
    var tokens: [TokenReading] = []
    /// Of the module as a whole.
    var errors: [Failure] = []
    private var operations: [(name: String, seconds: Double)] = []

    init() {}

    init(_ answer: JSONValue) {
        info = answer["module"]
        tokens = (answer["slots"]?.arrayValue ?? []).map { TokenReading($0) }
        errors = ModuleReading.failures(answer)
        operations = (answer["operations"]?.arrayValue ?? []).compactMap { operation in
            guard let name = operation["op"]?.stringValue,
                let seconds = operation["seconds"]?.double
            else { return nil }
            return (name, seconds)
        }
    }

    static func failures(_ json: JSONValue) -> [Failure] {
        (json["errors"]?.arrayValue ?? []).map {
            Failure(
                function: $0["function"]?.stringValue ?? "", code: $0["code"]?.stringValue ?? "")
        }
    }

    func add(to totals: inout Totals) {
        for operation in operations { totals.operation(operation.name, operation.seconds) }
        for failure in errors + tokens.flatMap(\.errors) { totals.error(failure.code) }
        for token in tokens {
            for probe in token.probes { probe.add(to: &totals, token: token.name?.token ?? "") }
        }
    }
}

/// One slot, and the token in it.
struct TokenReading {
    /// Numbers of slots change; these do not.
    struct Name: Hashable { var token, serial: String }

    let json: JSONValue
    let errors: [ModuleReading.Failure]
    let probes: [ProbeReading]

    init(_ json: JSONValue) {
        self.json = json
        errors = ModuleReading.failures(json)
        probes = (json["probes"]?.arrayValue ?? []).map { ProbeReading($0) }
    }

    var slot: String { number("slot").map { String($0) } ?? "" }
    var isPresent: Bool { json["present"]?.boolValue == true }
    /// A session on it answered in this collection.
    var isWatched: Bool { json["session"]?.boolValue == true }
    /// Whether it is the one of the settings; `nil`: it did not say what it is.
    func isChosen(by settings: HsmSettings) -> Bool? {
        if let slot = settings.slot, number("slot") != Int64(slot) { return false }
        guard settings.token != nil || settings.serial != nil else { return true }
        guard let name else { return nil }
        return (settings.token ?? name.token) == name.token
            && (settings.serial ?? name.serial) == name.serial
    }

    /// What C_Login returned; `nil`: there was none.
    var login: String? { json["login"]?.stringValue }

    /// `nil`: there is none, or it is blank.
    var name: Name? {
        guard let label = json["label"]?.stringValue, !label.isEmpty else { return nil }
        return Name(token: label, serial: text("serial"))
    }

    func text(_ key: String) -> String { json[key]?.stringValue ?? "" }
    func number(_ key: String) -> Int64? { json[key]?.integerValue }
}

/// What one probe did.
struct ProbeReading {
    struct Step {
        var operation, code: String
        var seconds: Double?
    }

    let key, mechanism: String
    let steps: [Step]
    /// The key is not there, and these are.
    let others: [String]?

    init(_ json: JSONValue) {
        key = json["key"]?.stringValue ?? ""
        mechanism = json["mechanism"]?.stringValue ?? ""
        others = json["keys"]?.arrayValue?.compactMap(\.stringValue)
        steps = (json["steps"]?.arrayValue ?? []).map {
            Step(
                operation: $0["op"]?.stringValue ?? "", code: $0["code"]?.stringValue ?? "",
                seconds: $0["seconds"]?.double)
        }
    }

    func add(to totals: inout Totals, token: String) {
        for step in steps {
            if step.code != "CKR_OK" {
                totals.error(step.code)
                continue
            }
            guard let seconds = step.seconds else { continue }
            totals.operation(step.operation, seconds)
            if step.operation == "sign" {
                totals.signed(
                    Totals.Signing(token: token, key: key, mechanism: mechanism), seconds)
            }
        }
    }
}

extension JSONValue {
    /// A number, with a fraction or without.
    var double: Double? {
        switch self {
        case .integer(let number): Double(number)
        case .number(let number): number
        default: nil
        }
    }
}
