import CFfi
import WeirJSON
import WeirWorker

/// The structs of the settings, and types by name.
struct TypeTable {
    private var declared: [(name: String, json: JSONValue)] = []
    private var structures: [String: Structure] = [:]
    /// More elements than this are a typo.
    private static let longestArray = 1 << 20
    /// Bytes: an answer has no room for more.
    private static let largestArray = 16 << 20

    mutating func define(_ name: String, _ json: JSONValue) throws(WorkerError) {
        guard Scalar(name) == nil else {
            throw WorkerError(.invalid, "structs.\(name): that is the name of a type of C")
        }
        declared.append((name, json))
    }

    /// Lays out every struct, those first that others have as fields.
    mutating func checkAll() throws(WorkerError) {
        for entry in declared { try layOut(entry.name, []) }
    }

    private mutating func layOut(_ name: String, _ outer: [String]) throws(WorkerError) {
        guard structures[name] == nil, let json = declared.first(where: { $0.name == name })?.json
        else { return }
        guard !outer.contains(name) else {
            throw WorkerError(.invalid, "structs.\(name) contains itself, by \(outer.last!)")
        }
        var fields: [(name: String, type: CType)] = []
        for field in json["fields"]?.arrayValue ?? [] {
            let label = field["name"]?.stringValue ?? ""
            let text = field["type"]?.stringValue ?? ""
            try layOut(TypeTable.base(text), outer + [name])
            let type = try self.type(text, "structs.\(name).\(label)")
            if case .void = type {
                throw WorkerError(.invalid, "structs.\(name).\(label): a field cannot be void")
            }
            fields.append((label, type))
        }
        let structure = try TypeTable.layOut(name, fields)
        if let size = json["size"]?.integerValue, size != structure.size {
            throw WorkerError(
                .invalid,
                "structs.\(name): size says \(size) bytes, its fields come to \(structure.size): "
                    + structure.layout)
        }
        structures[name] = structure
    }

    private static func layOut(
        _ name: String, _ fields: [(name: String, type: CType)]
    ) throws(WorkerError) -> Structure {
        guard !fields.isEmpty else {
            throw WorkerError(.invalid, "structs.\(name) has no fields; expected at least one")
        }
        let type = unsafe FFIType.structure(fields.map(\.type))
        var offsets = [Int](repeating: 0, count: fields.count)
        let status = unsafe ffi_get_struct_offsets(FFI_DEFAULT_ABI, type, &offsets)
        guard status == FFI_OK else {
            throw WorkerError(.invalid, "structs.\(name): libffi does not lay it out")
        }
        return unsafe Structure(
            name: name,
            fields: fields.indices.map {
                Structure.Field(name: fields[$0].name, type: fields[$0].type, offset: offsets[$0])
            }, size: Int(type.pointee.size), alignment: Int(type.pointee.alignment))
    }

    /// `reading` of `struct reading[4]`.
    private static func base(_ text: String) -> String {
        let name = text.prefix { $0 != "[" && $0 != "*" }
        let words = name.split(separator: " ")
        return words.first == "struct"
            ? words.dropFirst().joined(separator: " ")
            : words.joined(separator: " ")
    }

    /// `double`, `double[3]`, `char[16]`, `string`, `reading`, `struct reading*`.
    func type(_ text: String, _ place: String) throws(WorkerError) -> CType {
        let name = TypeTable.base(text)
        let rest = text.drop { $0 != "[" && $0 != "*" }.filter { $0 != " " }
        var result: CType
        switch name {
        case "void": result = .void
        case "string": result = .string
        case "pointer": result = .address
        default:
            if let scalar = Scalar(name) {
                result = .scalar(scalar)
            } else if let structure = structures[name] {
                result = .structure(structure)
            } else {
                throw WorkerError(
                    .invalid,
                    "\(place): there is no type '\(name)'; expected one of "
                        + (Scalar.allCases.map(\.rawValue) + ["string", "pointer", "void"]
                        + structures.keys.sorted()).joined(separator: ", ")
                        + ", or a name that C has for a number")
            }
        }
        switch rest {
        case "": return result
        case "*":
            if case .void = result { return .address }
            if case .scalar(.i8) = result, name == "char" { return .string }
            return .pointer(result)
        default: break
        }
        // Of several dimensions, the last is the innermost.
        for dimension in rest.split(separator: "[").reversed() {
            guard dimension.last == "]", let count = Int(dimension.dropLast()), count > 0,
                count <= TypeTable.longestArray, result.size * count <= TypeTable.largestArray
            else {
                throw WorkerError(
                    .invalid, "\(place): '\(text)' is no type; expected one like double[3]")
            }
            if case .scalar(.i8) = result, name == "char" {
                result = .text(count)
            } else {
                result = .array(result, count)
            }
        }
        return result
    }
}
