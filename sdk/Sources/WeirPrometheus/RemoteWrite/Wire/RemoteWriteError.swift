/// Why bytes are no remote write request: nothing of it can be taken.
public struct RemoteWriteError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The byte, counted from the start of the uncompressed body.
    public var offset: Int
    /// What the field or message at fault is called.
    public var place: String
    public var found: String
    public var expected: String

    public init(offset: Int, place: String, found: String, expected: String) {
        self.offset = offset
        self.place = place
        self.found = found
        self.expected = expected
    }

    public var description: String {
        "byte \(offset) (\(place)): found \(found), expected \(expected)"
    }
}

/// Why one series of a request cannot be taken, although the others can.
public enum SeriesFault: Error, Sendable, Equatable, CustomStringConvertible {
    case withoutName
    case emptyLabelName
    case duplicateLabel(String)
    case notUTF8
    /// 2.0: a label, help or unit refers to a symbol beyond the table.
    case badReference(UInt64, symbols: Int)
    /// 2.0: label references come in pairs.
    case oddReferences(Int)
    case badTimestamp(Int64)
    /// The text says what is wrong with it.
    case badHistogram(String)
    /// Fields that say nothing, so many that they would take much more memory than they came in.
    case tooDense

    public var description: String {
        switch self {
        case .withoutName: "no label __name__"
        case .emptyLabelName: "a label with an empty name"
        case .duplicateLabel(let name): "label \"\(name)\" twice"
        case .notUTF8: "a label that is not UTF-8"
        case .badReference(let index, let count): "symbol \(index) of \(count)"
        case .oddReferences(let count): "\(count) label references, expected pairs"
        case .badTimestamp(let time): "timestamp \(time) ms, expected 0 to year 2262"
        case .badHistogram(let text): "native histogram: \(text)"
        case .tooDense: "very many empty labels, samples, histograms or exemplars"
        }
    }

    /// A word for counters.
    public var reason: String {
        switch self {
        case .withoutName, .emptyLabelName, .duplicateLabel, .notUTF8: "invalid_labels"
        case .badReference, .oddReferences: "invalid_reference"
        case .badTimestamp: "invalid_timestamp"
        case .badHistogram: "invalid_histogram"
        case .tooDense: "too_dense"
        }
    }
}
