import WeirTelemetry

/// The samples and the metadata of an exposition, before anyone has looked at what belongs together.
struct SampleGathering {
    struct Sample {
        var name: String
        var labels: Labels
        var value: Double
    }

    struct Metadata {
        var type = MetricType.unknown
        var help = ""
        var unit = ""
    }

    var samples: [Sample] = []
    var metadata: [String: Metadata] = [:]
    /// Families that came in one piece, as protobuf has them.
    var whole: [ReadFamily] = []
    var skipped = 0
    /// What the names of samples begin with that are kept; `nil`: all are.
    private let wanted: [[UInt8]]?

    init(wanted: [String]? = nil) { self.wanted = wanted?.map { Array($0.utf8) } }

    private var hasUnwanted = false

    var isEmpty: Bool {
        samples.isEmpty && metadata.isEmpty && whole.isEmpty && !hasUnwanted
    }

    /// Lines that nobody can read, and nothing before them that somebody can: it is something else.
    private static let mostFaults = 1000

    /// Reads every line that can be read, and gives the first fault.
    mutating func takeText(_ bytes: [UInt8], openMetrics: Bool) -> ExpositionError? {
        var firstFault: ExpositionError?
        let span = bytes.raw
        var start = 0
        while start < span.byteCount {
            let rest = span.part(start..<span.byteCount)
            var reader = TextReader(rest, openMetrics: openMetrics)
            var read = 0
            do throws(ExpositionError) {
                while let entry = try reader.next() {
                    take(entry, reader)
                    read = reader.position
                }
                break
            } catch {
                let line = rest.firstLine(from: read)
                // Where OpenMetrics ends without "# EOF" there is no line.
                if line.isEmpty { break }
                start += line.upperBound
                if takeLine(rest.part(line), openMetrics: !openMetrics) { continue }
                skipped += 1
                firstFault = firstFault ?? error
                if samples.isEmpty, !hasUnwanted, skipped > Self.mostFaults { break }
            }
        }
        return firstFault
    }

    /// One line in the other format.
    private mutating func takeLine(_ line: RawSpan, openMetrics: Bool) -> Bool {
        var reader = TextReader(line, openMetrics: openMetrics)
        do throws(ExpositionError) {
            if let entry = try reader.next() { take(entry, reader) }
            return true
        } catch {
            return false
        }
    }

    /// A series or a name that is in quotes is looked at later, when it has been read.
    private func isWanted(_ text: RawSpan) -> Bool {
        guard let wanted, text.byteCount > 0 else { return true }
        let first = text.byte(at: 0)
        if first == UInt8(ascii: "{") || first == UInt8(ascii: "\"") { return true }
        return wanted.contains { prefix in
            guard text.byteCount >= prefix.count else { return false }
            for index in prefix.indices where text.byte(at: index) != prefix[index] { return false }
            return true
        }
    }

    private mutating func take(_ entry: TextReader.Entry, _ reader: borrowing TextReader) {
        switch entry {
        case .comment: break
        case .sample:
            let text = reader.bytes.part(reader.series)
            guard isWanted(text) else {
                // Nobody asks for what it is, but that it is one is known.
                hasUnwanted = true
                return
            }
            var series = SeriesText(text)
            let (name, labels) = series.decode()
            samples.append(Sample(name: name, labels: Labels(labels), value: reader.value))
        case .type:
            guard isWanted(reader.bytes.part(reader.name)) else { return }
            let name = reader.bytes.string(reader.name)
            // The first that says something counts.
            if metadata[name, default: Metadata()].type == .unknown {
                metadata[name, default: Metadata()].type = reader.type
            }
        case .help:
            guard isWanted(reader.bytes.part(reader.name)) else { return }
            let name = reader.bytes.string(reader.name)
            if metadata[name, default: Metadata()].help.isEmpty {
                metadata[name, default: Metadata()].help = unescaped(
                    reader.bytes.part(reader.text), quotes: reader.isOpenMetrics)
            }
        case .unit:
            let name = reader.bytes.string(reader.name)
            metadata[name, default: Metadata()].unit = reader.bytes.string(reader.text)
        }
    }
}

extension RawSpan {
    /// The first line from `offset` on that has something in it, with its end.
    fileprivate func firstLine(from offset: Int) -> Range<Int> {
        var start = offset
        while start < byteCount, byte(at: start) == UInt8(ascii: "\n") { start += 1 }
        return start..<Swift.min(endOfLine(from: start) + 1, byteCount)
    }
}
