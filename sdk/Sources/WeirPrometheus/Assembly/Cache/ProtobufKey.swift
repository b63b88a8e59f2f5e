import WeirTelemetry

/// A series of protobuf as bytes: what part of which family it is, and its labels as they stand.
///
/// A byte for the role, eight for the bound or quantile, the family's name after its length, then
/// the `LabelPair` fields. One buffer serves all parts of a metric.
struct ProtobufKey {
    private(set) var bytes: [UInt8] = []
    private var labelsStart = 0

    /// Begins the keys of a metric.
    mutating func begin(_ family: RawSpan, _ metric: RawSpan) {
        bytes.removeAll(keepingCapacity: true)
        bytes.append(contentsOf: repeatElement(0, count: 9))
        bytes.appendVarint(UInt64(family.byteCount))
        bytes.append(contentsOf: family)
        labelsStart = bytes.count
        var reader = WireReader(metric)
        while true {
            let start = reader.position
            guard let tag = reader.nextTag(), reader.skip(tag) else { return }
            if tag.number == 1, tag.wireType == .bytes {
                bytes.append(contentsOf: metric.part(start..<reader.position))
            }
        }
    }

    mutating func set(_ role: Series.Role, _ bound: Double = 0) {
        bytes[0] = role.rawValue
        for index in 0..<8 {
            bytes[1 + index] = UInt8(truncatingIfNeeded: bound.bitPattern >> UInt64(index * 8))
        }
    }

    /// Whether all labels have names, and all is UTF-8.
    var hasValidLabels: Bool {
        var reader = WireReader(bytes.raw, at: labelsStart, end: bytes.count)
        while let tag = reader.nextTag() {
            guard tag.number == 1, let pair = reader.readBytes() else { return false }
            var fields = WireReader(pair)
            var hasName = false
            while let field = fields.nextTag() {
                guard field.wireType == .bytes, let text = fields.readBytes() else { return false }
                if field.number == 1 { hasName = text.byteCount > 0 }
                guard text.isUTF8(0..<text.byteCount) else { return false }
            }
            guard fields.isAtEnd, hasName else { return false }
        }
        return reader.isAtEnd
    }

    static func decode(_ key: RawSpan, _ exposed: ExposedFamilies) -> DecodedSeries {
        let role = Series.Role(rawValue: key.byte(at: 0)) ?? .value
        let bound = Double(bitPattern: key.word(at: 1))
        var reader = WireReader(key, at: 9, end: key.byteCount)
        let name = ProtobufValue.text(&reader)
        let family = exposed.known(name)
        let type = family == none ? .unknown : exposed[family].type
        var labels = ProtobufValue.labels(key.part(reader.position..<key.byteCount))
        if role == .bucket { labels.append(Label("le", canonicalFloat(bound))) }
        if role == .quantile { labels.append(Label("quantile", canonicalFloat(bound))) }
        let suffix = role.suffix(of: type)
        return DecodedSeries(
            name: name + suffix, labels: labels,
            meaning: ExposedFamilies.Meaning(
                family: family, type: type, role: role, suffix: suffix))
    }
}

extension Series.Role {
    /// What the name of such a part has after that of the family.
    func suffix(of type: MetricType) -> String {
        let isGauge = type == .gaugeHistogram
        return switch self {
        case .bucket: "_bucket"
        case .sum: isGauge ? "_gsum" : "_sum"
        case .count: isGauge ? "_gcount" : "_count"
        default: ""
        }
    }
}

/// The metadata of a family in protobuf, as the key of a line.
struct ProtobufFamilyHead {
    let name: String
    let type: MetricType
    let help: String
    let unit: String

    static func append(_ family: borrowing ProtobufFamily, to key: inout [UInt8]) {
        key.append(UInt8(truncatingIfNeeded: family.type))
        key.appendVarint(UInt64(family.name.byteCount))
        key.append(contentsOf: family.name)
        key.appendVarint(UInt64(family.help.byteCount))
        key.append(contentsOf: family.help)
        key.append(contentsOf: family.unit)
    }

    init(key: RawSpan) {
        type = ProtobufFamily.type(UInt64(key.byte(at: 0)))
        var reader = WireReader(key, at: 1, end: key.byteCount)
        name = ProtobufValue.text(&reader)
        help = ProtobufValue.text(&reader)
        unit = key.string(reader.position..<key.byteCount)
    }
}
