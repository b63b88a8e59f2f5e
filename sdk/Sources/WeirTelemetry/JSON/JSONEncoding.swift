public import WeirJSON

/// Writes a request as OTLP JSON, as one value on one line.
///
/// Ids are hex, 64-bit integers strings, enumerations numbers, unknown fields are left out; fields
/// come in the schema's order, whatever their order on the wire. Fields that are present are
/// written even when they are empty. Text that is not UTF-8 is repaired with U+FFFD.
///
/// - Parameter bytes: a request that `scan` has accepted.
public func writeJSON(
    _ bytes: RawSpan, as signal: Signal, to writer: inout JSONWriter
) throws(WireError) {
    guard encode(bytes, MessageType(requestOf: signal), &writer, depth: 0) else {
        throw malformed(bytes, signal)
    }
}

/// The same as a new array.
public func json(_ bytes: RawSpan, as signal: Signal) throws(WireError) -> [UInt8] {
    var writer = JSONWriter()
    try writeJSON(bytes, as: signal, to: &writer)
    return writer.bytes
}

/// Where the occurrences of each field stand; no message has more than 16.
private struct Occurrences {
    var first = InlineArray<16, Int>(repeating: 0)
    var last = InlineArray<16, Int>(repeating: 0)
    var count = InlineArray<16, Int>(repeating: 0)
    var oneof = -1
}

private func encode(
    _ bytes: RawSpan, _ type: MessageType, _ writer: inout JSONWriter, depth: Int
) -> Bool {
    // What the scan lets through is far below: see `ScanLimits`.
    guard depth < 4096 else { return false }
    let fields = JSONFields.of(type)
    var seen = Occurrences()
    var reader = WireReader(bytes)
    while let tag = reader.nextTag() {
        if let index = fields.index(number: tag.number) {
            let field = fields.entries[index].field
            if field.cardinality == .oneof, seen.oneof != index {
                // Setting one case clears the others, and what this one held before.
                seen.count[index] = 0
                if seen.oneof >= 0 { seen.count[seen.oneof] = 0 }
                seen.oneof = index
            }
            let isPacked = field.isRepeated && tag.wireType == .bytes
            if tag.wireType == field.kind.wireType || isPacked {
                if seen.count[index] == 0 { seen.first[index] = reader.fieldStart }
                seen.last[index] = reader.fieldStart
                seen.count[index] += 1
            }
        }
        guard reader.skip(tag) else { return false }
    }
    guard reader.isAtEnd else { return false }
    writer.beginObject()
    for index in fields.entries.indices where seen.count[index] > 0 {
        let entry = fields.entries[index]
        writer.key(quoted: entry.quotedName)
        var values = FieldValues(
            bytes, entry.field, first: seen.first[index], last: seen.last[index])
        let done =
            entry.field.isRepeated
            ? encodeList(&values, &writer, depth)
            : encodeSingle(&values, seen.count[index], seen.last[index], &writer, depth)
        guard done else { return false }
    }
    writer.endObject()
    return true
}

private func encodeList(
    _ values: inout FieldValues, _ writer: inout JSONWriter, _ depth: Int
) -> Bool {
    writer.beginArray()
    defer { writer.endArray() }
    let isText = values.field.kind.wireType == .bytes
    while values.next() {
        if isText || values.tag.wireType != .bytes {
            guard encodeValue(&values.reader, values.field.kind, &writer, depth) else {
                return false
            }
        } else {
            guard let packed = values.reader.readBytes() else { return false }
            var elements = WireReader(packed)
            while elements.position < elements.end {
                guard encodeValue(&elements, values.field.kind, &writer, depth) else {
                    return false
                }
            }
        }
    }
    return true
}

private func encodeSingle(
    _ values: inout FieldValues, _ count: Int, _ last: Int, _ writer: inout JSONWriter,
    _ depth: Int
) -> Bool {
    if case .message(let type) = values.field.kind, count > 1 {
        // Several occurrences of one message mean their merge, which is their concatenation.
        var merged: [UInt8] = []
        while values.next() {
            guard let content = values.reader.readBytes() else { return false }
            merged.append(contentsOf: content)
        }
        return unsafe encode(merged.span.bytes, type, &writer, depth: depth + 1)
    }
    values.reader.position = last
    guard values.next() else { return false }
    return encodeValue(&values.reader, values.field.kind, &writer, depth)
}

/// The occurrences of one field, from the first to the last.
private struct FieldValues: ~Escapable {
    let field: Field
    var reader: WireReader
    var tag: WireReader.Tag
    private let last: Int

    @_lifetime(copy bytes)
    init(_ bytes: RawSpan, _ field: Field, first: Int, last: Int) {
        self.field = field
        self.last = last
        reader = WireReader(bytes, at: first, end: bytes.byteCount)
        tag = WireReader.Tag(number: 0, wireType: .varint)
    }

    /// Moves to the next occurrence; its value is to be read.
    @_lifetime(self: copy self)
    mutating func next() -> Bool {
        while reader.position <= last, let tag = reader.nextTag() {
            let isFitting =
                tag.wireType == field.kind.wireType
                || field.isRepeated && tag.wireType == .bytes
            if tag.number == field.number, isFitting {
                self.tag = tag
                return true
            }
            guard reader.skip(tag) else { return false }
        }
        return false
    }
}

private func encodeValue(
    _ reader: inout WireReader, _ kind: FieldKind, _ writer: inout JSONWriter, _ depth: Int
) -> Bool {
    switch kind.wireType {
    case .bytes:
        guard let content = reader.readBytes() else { return false }
        switch kind {
        case .message(let type): return encode(content, type, &writer, depth: depth + 1)
        case .string: writer.string(utf8: content)
        case .bytes: writer.plainString { $0.appendBase64(of: content) }
        default:
            writer.plainString { text in
                for index in 0..<content.byteCount { text.appendHex(of: content.byte(index)) }
            }
        }
    case .varint:
        guard let value = reader.readVarint() else { return false }
        switch kind {
        case .bool: writer.bool(value != 0)
        case .int64: writer.quotedInteger(Int64(bitPattern: value))
        case .uint64: writer.quotedInteger(value)
        case .uint32: writer.integer(UInt32(truncatingIfNeeded: value))
        case .sint32: writer.integer(zigZagDecoded(value))
        default: writer.integer(Int32(truncatingIfNeeded: value))
        }
    case .fixed64:
        guard let value = reader.readFixed64() else { return false }
        switch kind {
        case .double: writer.double(Double(bitPattern: value))
        case .sfixed64: writer.quotedInteger(Int64(bitPattern: value))
        default: writer.quotedInteger(value)
        }
    case .fixed32:
        guard let value = reader.readFixed32() else { return false }
        writer.integer(value)
    }
    return true
}
