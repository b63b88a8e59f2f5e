import WeirTelemetry

extension SeriesCache {
    /// Reads a text, line by line.
    mutating func read(
        _ reader: inout TextReader, _ relabel: ScrapeAssembler.Relabel
    ) throws(ExpositionError) {
        while true {
            if result.samplesScraped >= nextLimitCheck {
                try checkLimitsSoFar(relabel, in: reader.bytes)
            }
            if try readExpected(&reader) { continue }
            let entry: TextReader.Entry?
            do throws(ReadFailure) {
                entry = try reader.nextEntry()
            } catch {
                throw error.located(in: reader.bytes)
            }
            guard let entry else { return }
            try read(entry, of: reader)
        }
    }

    /// The usual case: the line of the last scrape stands here again, with another value.
    @inline(__always)
    private mutating func readExpected(_ reader: inout TextReader) throws(ExpositionError) -> Bool {
        let expected = expectedLine
        guard expected != none else { return false }
        let line = lines[Int(expected)]
        let start = reader.position
        guard reader.bytes.has(keys.raw.part(line.key), at: start) else { return false }
        reader.position = start &+ Int(line.keyCount)
        guard line.kind == .textSeries else {
            noteMetadata(expected)
            previousLine = expected
            return true
        }
        do throws(ReadFailure) {
            try reader.sampleTail()
        } catch {
            // The way that says what is wrong, or that the line is another after all.
            reader.position = start
            return false
        }
        previousLine = expected
        let isFirst = note(line.target, reader.value, time: reader.timestamp, offset: start)
        if isFirst, let exemplar = reader.exemplar {
            noteExemplar(exemplar, of: line.target, in: reader.bytes)
        }
        return true
    }

    /// Finds or makes a line that was not expected.
    private mutating func read(
        _ entry: TextReader.Entry, of reader: borrowing TextReader
    ) throws(ExpositionError) {
        // Comments may change each time; they are read over, not remembered.
        guard entry != .comment else { return }
        guard entry == .sample else { return try readMetadata(entry, of: reader) }
        let key = reader.bytes.part(reader.series)
        let last = key.byte(at: key.byteCount &- 1)
        let (index, _) = try line(
            key, .textSeries,
            isDelimited: last == UInt8(ascii: " ") || last == UInt8(ascii: "\t")
                || last == UInt8(ascii: "}"))
        follow(index)
        let target = lines[Int(index)].target
        let isFirst = note(
            target, reader.value, time: reader.timestamp, offset: reader.series.lowerBound)
        if isFirst, let exemplar = reader.exemplar {
            noteExemplar(exemplar, of: target, in: reader.bytes)
        }
    }

    private mutating func readMetadata(
        _ entry: TextReader.Entry, of reader: borrowing TextReader
    ) throws(ExpositionError) {
        let kind: Line.Kind =
            switch entry {
            case .type: .type
            case .unit: .unit
            default: .help
            }
        let key = reader.bytes.part(reader.line)
        let (index, isNew) = try line(
            key, kind, isDelimited: key.byte(at: key.byteCount &- 1) == UInt8(ascii: "\n"))
        follow(index)
        if isNew {
            let name = unescaped(reader.bytes.part(reader.name), quotes: true)
            lines[Int(index)].target = exposed.index(name)
        }
        noteMetadata(index)
    }

    /// Lets a line of metadata count, unless it was the last to say what it says.
    @inline(__always)
    mutating func noteMetadata(_ index: UInt32) {
        lines[Int(index)].seen = scrape
        let line = lines[Int(index)]
        if exposed.line(line.kind, of: line.target) != index { applyMetadata(line, index) }
    }

    /// Reads the line again, from the cache.
    private mutating func applyMetadata(_ line: Line, _ index: UInt32) {
        let keys = keys
        let bytes = keys.raw.part(line.key)
        if line.kind == .protobufFamily {
            let head = ProtobufFamilyHead(key: bytes)
            exposed.setType(head.type, of: line.target, by: index)
            exposed.setHelp(head.help, of: line.target, by: index)
            exposed.setUnit(head.unit, of: line.target, by: index)
            return
        }
        // OpenMetrics' rules fit all that OpenMetrics has, and the others are Prometheus' own.
        var reader = TextReader(
            bytes, openMetrics: line.kind == .unit || result.format == .openMetrics)
        guard (try? reader.nextEntry()) != nil else { return }
        switch line.kind {
        case .type: exposed.setType(reader.type, of: line.target, by: index)
        case .unit: exposed.setUnit(bytes.string(reader.text), of: line.target, by: index)
        default:
            let help = unescaped(bytes.part(reader.text), quotes: result.format == .openMetrics)
            exposed.setHelp(help, of: line.target, by: index)
        }
    }
}
