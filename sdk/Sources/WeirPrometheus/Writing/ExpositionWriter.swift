/// Writes families one after the other in the format that a reader asked for.
///
///     var writer = ExpositionWriter(dialect, names: all.map(\.family.name))
///     for family in all { writer.write(family) }
///     let body = writer.finish()
public struct ExpositionWriter {
    private enum Kind {
        case text(TextWriter)
        case protobuf(ProtobufWriter)
    }

    private var kind: Kind

    /// - Parameters:
    ///   - names: the names of all families that will be written. Each is written once.
    ///   - writesTimestamps: whether points carry their times; otherwise the reader takes its own.
    public init(
        _ dialect: ExpositionDialect, names: some Sequence<String>, writesTimestamps: Bool = false
    ) {
        let isOpenMetrics: Bool
        switch dialect.format {
        case .protobuf:
            kind = .protobuf(
                ProtobufWriter(escaping: dialect.escaping, writesTimestamps: writesTimestamps))
            return
        case .text: isOpenMetrics = false
        case .openMetrics: isOpenMetrics = true
        }
        kind = .text(
            TextWriter(
                TextWriter.Format(
                    isOpenMetrics: isOpenMetrics, escaping: dialect.escaping,
                    writesTimestamps: writesTimestamps,
                    names: Set(names.lazy.map { dialect.escaping.escaped($0) }))))
    }

    /// Appends a family; one without points is left out.
    public mutating func write(_ family: ExpositionFamily) {
        switch kind {
        case .text(var writer):
            kind = .protobuf(ProtobufWriter(escaping: .underscores, writesTimestamps: false))
            writer.write(family)
            kind = .text(writer)
        case .protobuf(var writer):
            kind = .protobuf(ProtobufWriter(escaping: .underscores, writesTimestamps: false))
            writer.write(family)
            kind = .protobuf(writer)
        }
    }

    /// Ends the exposition and gives its bytes.
    public mutating func finish() -> [UInt8] {
        switch kind {
        case .text(var writer): return writer.finish()
        case .protobuf(var writer): return writer.finish()
        }
    }
}
