extension RelabelRule: Decodable {
    enum CodingKeys: String, CodingKey, CaseIterable {
        case separator, regex, modulus, replacement, action
        case sourceLabels = "source_labels"
        case targetLabel = "target_label"
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init()
        sourceLabels = try container.value(.sourceLabels, or: sourceLabels)
        separator = try container.text(.separator, or: separator)
        regex = try container.text(.regex, or: regex)
        modulus = try container.value(.modulus, or: modulus)
        targetLabel = try container.text(.targetLabel, or: targetLabel)
        replacement = try container.text(.replacement, or: replacement)
        if let name = try container.decodeIfPresent(String.self, forKey: .action) {
            guard let known = RelabelAction(rawValue: name.lowercased()) else {
                let all = RelabelAction.allCases.map(\.rawValue).joined(separator: ", ")
                throw decoder.refusal(
                    "found \"\(name)\", expected one of \(all)", at: [CodingKeys.action])
            }
            action = known
        }
        // The stricter scheme for names depends on settings elsewhere: RelabelRules looks.
        if let fault = fault(.utf8) { throw decoder.refusal(fault.message, at: [fault.key]) }
    }
}
