import CYAML

/// What libyaml's parser says, as Swift values. This file holds the module's only unsafe code.
struct YAMLEvent {
    enum Kind {
        case documentStart
        case documentEnd
        case alias(String)
        case scalar(text: String, isPlain: Bool, tag: String?, anchor: String?)
        case sequenceStart(tag: String?, anchor: String?)
        case sequenceEnd
        case mappingStart(tag: String?, anchor: String?)
        case mappingEnd
    }

    var kind: Kind
    var start: YAMLMark
    var end: YAMLMark
}

/// A place in a source; both from 1, columns in Unicode scalars.
struct YAMLMark {
    var line: Int
    var column: Int
}

struct YAMLSyntaxError: Error {
    /// libyaml's own words, such as "did not find expected key".
    var problem: String
    /// What libyaml was reading at the time, such as "while parsing a block mapping", and where
    /// that began.
    var context: String?
    var contextMark: YAMLMark
    var mark: YAMLMark
}

/// Reads the events of `bytes` up to its end or its first syntax error.
func readYAMLEvents(_ bytes: [UInt8]) -> (events: [YAMLEvent], error: YAMLSyntaxError?) {
    var events: [YAMLEvent] = []
    let parser = UnsafeMutablePointer<yaml_parser_t>.allocate(capacity: 1)
    defer { unsafe parser.deallocate() }
    guard unsafe yaml_parser_initialize(parser) == 1 else {
        fatalError("libyaml could not allocate its parser: the process is out of memory")
    }
    defer { unsafe yaml_parser_delete(parser) }
    let error: YAMLSyntaxError? = unsafe bytes.withUnsafeBufferPointer { buffer in
        unsafe yaml_parser_set_input_string(parser, buffer.baseAddress, buffer.count)
        while true {
            var event = unsafe yaml_event_t()
            guard unsafe yaml_parser_parse(parser, &event) == 1 else {
                return unsafe syntaxError(parser)
            }
            defer { unsafe yaml_event_delete(&event) }
            if unsafe event.type == YAML_STREAM_END_EVENT || event.type == YAML_NO_EVENT {
                return nil
            }
            guard let kind = unsafe eventKind(event) else { continue }
            unsafe events.append(
                YAMLEvent(
                    kind: kind, start: YAMLMark(event.start_mark), end: YAMLMark(event.end_mark)))
        }
    }
    return (events, error)
}

private func eventKind(_ event: yaml_event_t) -> YAMLEvent.Kind? {
    switch unsafe event.type {
    case YAML_DOCUMENT_START_EVENT: return .documentStart
    case YAML_DOCUMENT_END_EVENT: return .documentEnd
    case YAML_SEQUENCE_END_EVENT: return .sequenceEnd
    case YAML_MAPPING_END_EVENT: return .mappingEnd
    case YAML_ALIAS_EVENT:
        return unsafe .alias(string(event.data.alias.anchor) ?? "")
    case YAML_SEQUENCE_START_EVENT:
        let start = unsafe event.data.sequence_start
        return unsafe .sequenceStart(tag: string(start.tag), anchor: string(start.anchor))
    case YAML_MAPPING_START_EVENT:
        let start = unsafe event.data.mapping_start
        return unsafe .mappingStart(tag: string(start.tag), anchor: string(start.anchor))
    case YAML_SCALAR_EVENT:
        let scalar = unsafe event.data.scalar
        let bytes = unsafe UnsafeBufferPointer(start: scalar.value, count: scalar.length)
        return unsafe .scalar(
            text: String(decoding: bytes, as: UTF8.self),
            isPlain: scalar.style == YAML_PLAIN_SCALAR_STYLE, tag: string(scalar.tag),
            anchor: string(scalar.anchor))
    default: return nil
    }
}

private func string(_ pointer: UnsafeMutablePointer<yaml_char_t>?) -> String? {
    guard let pointer = unsafe pointer else { return nil }
    return unsafe String(cString: pointer)
}

private func syntaxError(_ parser: UnsafeMutablePointer<yaml_parser_t>) -> YAMLSyntaxError {
    let state = unsafe parser.pointee
    let problem = unsafe state.problem.map { unsafe String(cString: $0) } ?? "unreadable YAML"
    let context = unsafe state.context.map { unsafe String(cString: $0) }
    // A byte that is no character is reported by offset alone; the scanner's mark is close to it.
    let isReader = unsafe state.error == YAML_READER_ERROR
    return unsafe YAMLSyntaxError(
        problem: problem, context: context, contextMark: YAMLMark(state.context_mark),
        mark: YAMLMark(isReader ? state.mark : state.problem_mark))
}

extension YAMLMark {
    fileprivate init(_ mark: yaml_mark_t) {
        line = Int(clamping: mark.line) + 1
        column = Int(clamping: mark.column) + 1
    }
}
