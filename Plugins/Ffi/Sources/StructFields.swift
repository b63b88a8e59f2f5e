import WeirJSON

/// The fields of the structs that the configuration describes, to tell a field that is written wrongly
/// before anything is called. What it does not know, the worker does.
struct StructFields: Sendable {
    private let structs: [String: [(name: String, type: String)]]

    init(_ json: JSONValue?) {
        var structs: [String: [(name: String, type: String)]] = [:]
        for member in json?.objectValue ?? [] {
            structs[member.key] = (member.value["fields"]?.arrayValue ?? []).map {
                ($0["name"]?.stringValue ?? "", $0["type"]?.stringValue ?? "")
            }
        }
        self.structs = structs
    }

    /// What is wrong with a path that begins at something of this type; `nil`: nothing that is known.
    func fault(_ path: ResultPath, type: String) -> String? {
        var type = type
        for step in path.steps.dropFirst() {
            switch step {
            case .index, .each:
                guard let element = StructFields.element(type) else { return nil }
                type = element
            case .member(let name):
                guard let fields = structs[StructFields.name(type)] else { return nil }
                guard let field = fields.first(where: { $0.name == name }) else {
                    let known = fields.map(\.name).joined(separator: ", ")
                    return
                        "there is no field '\(name)' in \(StructFields.name(type)), which has \(known)"
                }
                type = field.type
            }
        }
        return nil
    }

    /// `double` of `double[3]`.
    private static func element(_ type: String) -> String? {
        type.firstIndex(of: "[").map { String(type[..<$0]) }
    }

    /// `reading` of `const struct reading *`.
    private static func name(_ type: String) -> String {
        type.replacing("*", with: " ").split(separator: " ")
            .filter { $0 != "const" && $0 != "struct" }.joined(separator: " ")
    }
}
