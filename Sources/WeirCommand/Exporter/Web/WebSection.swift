import WeirConfig
import WeirJSON

/// One mapping of a `--web.config.file`, and its place there.
struct WebSection {
    private let members: [JSONMember]
    private let place: String

    init(_ json: JSONValue, _ place: String) throws(WebConfiguration.Failure) {
        guard let members = json.objectValue else {
            throw .init(
                text: "\(place.isEmpty ? "the file" : place) holds no keys: expected a mapping")
        }
        self.members = members
        self.place = place
    }

    /// Throws for the first key that is neither.
    func check(
        known: [String], unsupported: [String: String] = [:]
    ) throws(WebConfiguration.Failure) {
        for member in members where !known.contains(member.key) {
            if let advice = unsupported[member.key] {
                throw .init(text: "\(at(member.key)) is not supported: \(advice)")
            }
            let near = nearestName(to: member.key, in: known).map { "; did you mean \($0)?" }
            throw .init(
                text: "\(at(member.key)) is unknown: expected \(known.joined(separator: ", "))"
                    + (near ?? ""))
        }
    }

    /// `nil`: it is not there, or has no value.
    func inner(_ key: String) throws(WebConfiguration.Failure) -> WebSection? {
        guard let value = value(key) else { return nil }
        return try WebSection(value, at(key))
    }

    func text(_ key: String) throws(WebConfiguration.Failure) -> String? {
        guard let value = value(key) else { return nil }
        guard let text = value.stringValue else {
            throw .init(text: "\(at(key)) is no text: put it in quotes")
        }
        return text
    }

    func flag(_ key: String) throws(WebConfiguration.Failure) -> Bool? {
        guard let value = value(key) else { return nil }
        guard let flag = value.boolValue else {
            throw .init(text: "\(at(key)) is neither true nor false")
        }
        return flag
    }

    /// All of it, of which every value is a text.
    func texts() throws(WebConfiguration.Failure) -> [String: String] {
        var result: [String: String] = [:]
        for member in members { result[member.key] = try text(member.key) ?? "" }
        return result
    }

    func wrong(_ found: String, expected: String) -> WebConfiguration.Failure {
        .init(text: "\(place) \(found): expected \(expected)")
    }

    private func value(_ key: String) -> JSONValue? {
        members.first { $0.key == key }.flatMap { $0.value == .null ? nil : $0.value }
    }

    private func at(_ key: String) -> String { place.isEmpty ? key : "\(place).\(key)" }
}
