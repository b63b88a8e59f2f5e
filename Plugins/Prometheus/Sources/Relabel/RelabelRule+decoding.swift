extension RelabelRule: Decodable {
    enum CodingKeys: String, CodingKey {
        case separator, regex, modulus, replacement, action
        case sourceLabels = "source_labels"
        case targetLabel = "target_label"
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init()
        sourceLabels = try container.value(.sourceLabels, or: sourceLabels)
        separator = try container.value(.separator, or: separator)
        modulus = try container.value(.modulus, or: modulus)
        targetLabel = try container.value(.targetLabel, or: targetLabel)
        replacement = try container.value(.replacement, or: replacement)
    }
}
