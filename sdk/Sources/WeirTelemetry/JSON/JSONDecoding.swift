public import WeirJSON

/// Reads an OTLP JSON request into its protobuf form.
///
/// Field names may be lowerCamelCase or snake_case, 64-bit integers numbers or strings,
/// enumerations numbers or names; ids are hex, bytes base64 of either alphabet. Unknown fields are
/// ignored and `null` is a field left out. The result is well formed: what `scan` would find
/// is what a scan of it finds.
///
/// - Throws: `JSONError` with the byte and the path of the first value that does not fit.
public func protobuf(
    fromJSON text: RawSpan, as signal: Signal, limits: ScanLimits = ScanLimits()
) throws(JSONError) -> [UInt8] {
    var output: [UInt8] = []
    output.reserveCapacity(text.byteCount / 2)
    // An AnyValue inside another takes up to five levels of objects and lists.
    let anyValueDepth = min(max(limits.anyValueDepth, 0), 1000)
    var decoder = JSONDecoder(text, anyValueDepth: anyValueDepth)
    do throws(JSONError) {
        try decoder.message(MessageType(requestOf: signal), &output, depth: 0)
        try decoder.reader.finish()
    } catch {
        var error = error
        error.path = jsonPath(to: error.offset, in: text)
        throw error
    }
    return output
}

/// The same for text in an array.
public func protobuf(
    fromJSON text: [UInt8], as signal: Signal, limits: ScanLimits = ScanLimits()
) throws(JSONError) -> [UInt8] {
    try unsafe protobuf(fromJSON: text.span.bytes, as: signal, limits: limits)
}

struct JSONDecoder: ~Escapable {
    var reader: JSONReader
    private let anyValueDepth: Int

    @_lifetime(copy text)
    init(_ text: RawSpan, anyValueDepth: Int) {
        reader = JSONReader(text, maxDepth: 32 + 5 * anyValueDepth)
        self.anyValueDepth = anyValueDepth
    }

    @_lifetime(self: copy self)
    mutating func message(
        _ type: MessageType, _ output: inout [UInt8], depth: Int
    ) throws(JSONError) {
        var depth = depth
        if type == .anyValue {
            depth += 1
            guard depth <= anyValueDepth else {
                throw JSONError(
                    offset: reader.offset, found: "AnyValue nested more than \(anyValueDepth) deep",
                    expected: "at most \(anyValueDepth)")
            }
        }
        let fields = JSONFields.of(type)
        try reader.beginObject()
        while let index = try nextField(fields) {
            guard index >= 0 else {
                try reader.skipValue()
                continue
            }
            let field = fields.entries[index].field
            if try reader.peek() == .null {
                try reader.readNull()
            } else if field.isRepeated {
                try list(field, &output, depth)
            } else if case .message(let inner) = field.kind {
                output.appendTag(field.number, .bytes)
                let start = output.beginLength()
                try message(inner, &output, depth: depth)
                output.endLength(start)
            } else {
                try scalar(field, &output)
            }
        }
    }

    /// The next member's field; -1 for an unknown one, `nil` at the end.
    @_lifetime(self: copy self)
    private mutating func nextField(_ fields: JSONFields) throws(JSONError) -> Int? {
        guard let key = try reader.nextKey() else { return nil }
        if key.hasEscapes {
            let name = Array(key.string.utf8)
            return unsafe fields.index(name: name.span.bytes) ?? -1
        }
        return fields.index(name: key.raw) ?? -1
    }

    @_lifetime(self: copy self)
    private mutating func list(
        _ field: Field, _ output: inout [UInt8], _ depth: Int
    ) throws(JSONError) {
        try reader.beginArray()
        if field.kind.wireType != .bytes {
            var isEmpty = true
            let before = output.count
            output.appendTag(field.number, .bytes)
            let start = output.beginLength()
            while try reader.nextElement() {
                isEmpty = false
                try value(field.kind, &output)
            }
            output.endLength(start)
            if isEmpty { output.removeLast(output.count - before) }
            return
        }
        while try reader.nextElement() {
            output.appendTag(field.number, .bytes)
            let start = output.beginLength()
            if case .message(let inner) = field.kind {
                try message(inner, &output, depth: depth)
            } else {
                try value(field.kind, &output)
            }
            output.endLength(start)
        }
    }

    /// A field with its tag. A zero that is written in JSON is written here too: it is the same to
    /// every reader, and it has to override an earlier value where a key stands twice.
    @_lifetime(self: copy self)
    private mutating func scalar(_ field: Field, _ output: inout [UInt8]) throws(JSONError) {
        output.appendTag(field.number, field.kind.wireType)
        guard field.kind.wireType == .bytes else { return try value(field.kind, &output) }
        let start = output.beginLength()
        try value(field.kind, &output)
        output.endLength(start)
    }
}
