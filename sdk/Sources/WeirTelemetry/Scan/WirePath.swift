/// The way from the request to one byte of it, found by walking again after a failure.
struct WirePath {
    private(set) var path = ""
    /// The innermost message that holds the byte; `nil` inside a field that is not known.
    private(set) var message: MessageType?

    var messageName: String { message.map { "\($0)" } ?? "the field" }

    init(to offset: Int, in bytes: RawSpan, type: MessageType) {
        message = type
        var type = type
        var reader = WireReader(bytes)
        var seen: [Int: Int] = [:]
        while let tag = reader.nextTag(), reader.fieldStart <= offset {
            let field = type.field(number: tag.number)
            let start = reader.position
            let skipped = reader.skip(tag)
            if skipped, reader.position <= offset {
                seen[tag.number, default: 0] += 1
                continue
            }
            // A tag that is itself at fault names its field in the text of the error.
            let name = field?.name ?? "field \(tag.number)"
            path += path.isEmpty ? name : "." + name
            if field?.isRepeated == true { path += "[\(seen[tag.number, default: 0])]" }
            guard case .message(let inner)? = field?.kind, skipped else { return }
            var content = WireReader(bytes, at: start, end: reader.position)
            guard let count = content.readVarint(), content.position <= offset else { return }
            reader = WireReader(bytes, at: content.position, end: content.position + Int(count))
            type = inner
            message = inner
            seen = [:]
        }
    }
}
