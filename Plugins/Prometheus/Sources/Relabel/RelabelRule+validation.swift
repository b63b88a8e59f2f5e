extension RelabelRule {
    /// What is wrong with a rule: at which of its keys, and why.
    struct Fault: Equatable {
        var key: CodingKeys
        var message: String
    }

    /// What Prometheus would refuse, too; `nil` if the rule makes sense. Whether the expression
    /// compiles is not looked at here.
    func fault(_ names: NameValidation) -> Fault? {
        if action == .hashmod && modulus == 0 {
            return Fault(key: .modulus, message: "hashmod needs a modulus of at least 1")
        }
        if action.hasTarget && targetLabel.isEmpty {
            return Fault(
                key: .targetLabel, message: "the action \(action) needs a target_label")
        }
        let allowsVariables = action == .replace && targetLabel.contains("$")
        if action.hasTarget && !names.allows(targetLabel, variables: allowsVariables) {
            return Fault(
                key: .targetLabel,
                message: "found \"\(targetLabel)\", expected the name of a label"
                    + " (letters, digits and _, not beginning with a digit)")
        }
        if action == .labelmap && !names.allows(replacement, variables: true) {
            return Fault(
                key: .replacement,
                message: "found \"\(replacement)\", expected what gives the name of a label")
        }
        guard let key = keyWithoutEffect else { return nil }
        return Fault(
            key: key,
            message: "the action \(action) does not use it; it takes \(action.takes), remove it")
    }

    /// A key that was set to something although the action takes no notice of it. Where Prometheus
    /// lets that pass, so do we.
    private var keyWithoutEffect: CodingKeys? {
        switch action {
        case .lowercase, .uppercase: return replacement == "$1" ? nil : .replacement
        case .keepequal, .dropequal:
            if regex != "(.*)" { return .regex }
            if modulus != 0 { return .modulus }
            if separator != ";" { return .separator }
            return replacement == "$1" ? nil : .replacement
        case .labeldrop, .labelkeep:
            if !sourceLabels.isEmpty { return .sourceLabels }
            if !targetLabel.isEmpty { return .targetLabel }
            if modulus != 0 { return .modulus }
            if separator != ";" { return .separator }
            return replacement == "$1" ? nil : .replacement
        default: return nil
        }
    }
}

extension RelabelAction: CustomStringConvertible {
    var description: String { rawValue }

    var hasTarget: Bool {
        switch self {
        case .replace, .hashmod, .lowercase, .uppercase, .keepequal, .dropequal: true
        case .keep, .drop, .labelmap, .labeldrop, .labelkeep: false
        }
    }

    /// Whether it looks at the names of all labels, not at values of some.
    var goesByName: Bool { self == .labelmap || self == .labeldrop || self == .labelkeep }

    fileprivate var takes: String {
        switch self {
        case .keepequal, .dropequal: "source_labels and target_label only"
        case .labeldrop, .labelkeep: "regex only"
        default: "source_labels, separator and target_label"
        }
    }
}

extension NameValidation {
    /// - Parameter variables: whether `$1`, `${1}` and their like may be part of it.
    func allows(_ name: String, variables: Bool = false) -> Bool {
        switch self {
        case .utf8: return !name.isEmpty
        case .legacy:
            let scalars = Array(name.unicodeScalars)
            var index = 0
            while index < scalars.count {
                if variables, scalars[index] == "$" {
                    guard let end = NameValidation.reference(scalars, index) else { return false }
                    index = end
                    continue
                }
                guard scalars[index].isWord, index > 0 || !scalars[index].isDigit else {
                    return false
                }
                index += 1
            }
            return !scalars.isEmpty
        }
    }

    /// Where the reference that begins at a dollar sign ends.
    private static func reference(_ scalars: [Unicode.Scalar], _ dollar: Int) -> Int? {
        var index = dollar + 1
        let isBraced = index < scalars.count && scalars[index] == "{"
        if isBraced { index += 1 }
        let start = index
        while index < scalars.count, scalars[index].isWord { index += 1 }
        guard index > start else { return nil }
        guard isBraced else { return index }
        return index < scalars.count && scalars[index] == "}" ? index + 1 : nil
    }
}

extension Unicode.Scalar {
    fileprivate var isDigit: Bool { self >= "0" && self <= "9" }

    fileprivate var isWord: Bool {
        isDigit || self == "_" || (self >= "a" && self <= "z") || (self >= "A" && self <= "Z")
    }
}
