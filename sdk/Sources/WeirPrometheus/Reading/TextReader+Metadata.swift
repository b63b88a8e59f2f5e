import WeirTelemetry

extension TextReader {
    /// `# HELP`, `# TYPE` or a comment of Prometheus' text, from its `#`.
    @_lifetime(self: copy self)
    mutating func metadata() throws(ReadFailure) -> Entry {
        let start = position
        let end = bytes.endOfLine(from: position)
        position &+= 1
        let hash = position
        skipBlanks()
        let keyword = position
        guard keyword > hash, let entry = entry(isUnitKnown: false), isBlank(keyword + 4) else {
            position = min(end + 1, bytes.byteCount)
            line = start..<position
            return .comment
        }
        position = keyword + 4
        skipBlanks()
        try scanFamilyName()
        // One byte separates; what else is blank belongs to the text.
        text = min(position + 1, end)..<end
        // A name with a line break in quotes moves the end.
        if position > end {
            let end = bytes.endOfLine(from: position)
            text = min(position + 1, end)..<end
        }
        try finish(entry)
        line = start..<position
        return entry
    }

    /// `# HELP`, `# TYPE`, `# UNIT` or `# EOF` of OpenMetrics' text, from its `#`; `nil` at the end.
    @_lifetime(self: copy self)
    mutating func openMetricsMetadata() throws(ReadFailure) -> Entry? {
        guard bytes.has("# ", at: position) else {
            throw ReadFailure(position + 1, "a blank after \"#\"")
        }
        let start = position
        position &+= 2
        if bytes.has("EOF", at: position) {
            position &+= 3
            if position < bytes.byteCount, current == UInt8(ascii: "\n") { position &+= 1 }
            guard position == bytes.byteCount else {
                throw ReadFailure(position, "nothing after \"# EOF\"")
            }
            return nil
        }
        guard let entry = entry(isUnitKnown: true), position + 4 < bytes.byteCount,
            bytes.byte(at: position + 4) == UInt8(ascii: " ")
        else { throw ReadFailure(position, "HELP, TYPE, UNIT or EOF") }
        position &+= 5
        try scanFamilyName()
        guard current == UInt8(ascii: " ") else {
            throw ReadFailure(position, "a blank and a text")
        }
        let end = bytes.endOfLine(from: position)
        guard end < bytes.byteCount else {
            throw ReadFailure(end, "the end of the line, which \"# EOF\" has to follow")
        }
        text = position + 1..<end
        try finish(entry)
        if entry == .unit { try checkUnit() }
        line = start..<position
        return entry
    }

    private func entry(isUnitKnown: Bool) -> Entry? {
        if bytes.has("HELP", at: position) { return .help }
        if bytes.has("TYPE", at: position) { return .type }
        return isUnitKnown && bytes.has("UNIT", at: position) ? .unit : nil
    }

    private func isBlank(_ offset: Int) -> Bool {
        guard offset < bytes.byteCount else { return false }
        let byte = bytes.byte(at: offset)
        return byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t")
    }

    @_lifetime(self: copy self)
    private mutating func scanFamilyName() throws(ReadFailure) {
        let start = position
        if current == UInt8(ascii: "\"") {
            try scanQuoted(mayBeEmpty: false, mayBreak: true)
            name = start + 1..<position &- 1
            return
        }
        guard ByteClass.of(current).contains(.nameStart) else {
            throw ReadFailure(position, "a metric's name")
        }
        while position < bytes.byteCount, ByteClass.of(bytes.byte(at: position)).contains(.name) {
            position &+= 1
        }
        name = start..<position
    }

    /// Looks at the text and moves behind the line.
    @_lifetime(self: copy self)
    private mutating func finish(_ entry: Entry) throws(ReadFailure) {
        switch entry {
        case .type:
            let word = bytes.string(text)
            if word == (isOpenMetrics ? "unknown" : "untyped") {
                type = .unknown
            } else {
                guard let known = MetricType(rawValue: word), known != .unknown,
                    isOpenMetrics || known.isOfPrometheusText
                else { throw notAType() }
                type = known
            }
        case .help:
            guard bytes.isUTF8(text) else {
                throw ReadFailure(text.lowerBound, "valid UTF-8", found: "a text that is not")
            }
        default: break
        }
        position = min(text.upperBound + 1, bytes.byteCount)
    }

    private func notAType() -> ReadFailure {
        ReadFailure(
            text.lowerBound,
            isOpenMetrics
                ? "counter, gauge, histogram, gaugehistogram, summary, info, stateset or unknown"
                : "counter, gauge, histogram, summary or untyped")
    }

    /// A family's name ends with its unit.
    private func checkUnit() throws(ReadFailure) {
        guard !text.isEmpty else { return }
        let start = name.upperBound - text.count
        guard start > name.lowerBound, bytes.has(bytes.part(text), at: start),
            bytes.byte(at: start - 1) == UInt8(ascii: "_")
        else {
            throw ReadFailure(
                text.lowerBound, "a unit that the metric's name ends with, after \"_\"")
        }
    }
}

extension MetricType {
    fileprivate var isOfPrometheusText: Bool {
        switch self {
        case .counter, .gauge, .histogram, .summary: true
        default: false
        }
    }
}
