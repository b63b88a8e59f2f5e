import WeirTelemetry

/// A metric of the output: points of one name, type and resource.
struct OutputFamily {
    /// Which of OTLP's kinds of data the points are.
    enum Kind: UInt8 {
        case gauge, counter, state, histogram, exponentialHistogram, summary

        /// The field of `Metric` that holds the data.
        var dataField: UInt8 {
            switch self {
            case .gauge: 5
            case .counter, .state: 7
            case .histogram: 9
            case .exponentialHistogram: 10
            case .summary: 11
            }
        }

        /// The tag of an attribute in a point.
        var attributeTag: UInt8 {
            switch self {
            case .gauge, .counter, .state, .summary: 7 << 3 | 2
            case .histogram: 9 << 3 | 2
            case .exponentialHistogram: 1 << 3 | 2
            }
        }

        /// The data's fields beside the points: cumulative, and whether it only grows.
        var dataHead: [UInt8] {
            switch self {
            case .gauge, .summary: []
            case .counter: [2 << 3, 2, 3 << 3, 1]
            case .state, .histogram, .exponentialHistogram: [2 << 3, 2]
            }
        }

        /// Whether its points are made of several series.
        var isComposed: Bool { self == .histogram || self == .summary }
        /// Whether its points have a start.
        var hasStart: Bool { self != .gauge && self != .state }
    }

    struct Key: Hashable {
        var group: UInt32
        var name: String
        var type: MetricType
        var kind: Kind
    }

    let key: Key
    /// The family that identifies the points: itself, or the one that this is the twin of.
    let base: UInt32
    /// The same metric for points that know when they began, or, of that one, the base.
    var twin = none
    /// Whose help and unit it has.
    let exposed: UInt32
    let hasCreated: Bool
    /// The fields of `Metric` that are not the data.
    var head: [UInt8] = []
    var points: [UInt32] = []
    /// Points of this scrape in the scratch, with tag and length.
    var loose: [Range<Int>] = []
    /// Whether `points` has some that are dead or have moved to the twin.
    var needsSweep = false

    // The layout of this scrape's output.
    var regularCount = 0
    var pointsSize = 0
    var dataSize = 0
    var metricSize = 0

    /// Name, description, unit and metadata, as fields.
    static func head(_ key: Key, help: String, unit: String, hasCreated: Bool) -> [UInt8] {
        var head: [UInt8] = []
        head.appendField(1, key.name)
        if !help.isEmpty { head.appendField(2, help) }
        if !unit.isEmpty { head.appendField(3, unit) }
        var metadata = [Attribute(Provenance.typeKey, .string(key.type.rawValue))]
        if hasCreated { metadata.append(Attribute(Provenance.createdKey, "true")) }
        for attribute in metadata { head.appendMessage(12) { attribute.append(to: &$0) } }
        return head
    }
}

/// The series of one `job` and `instance`: a resource of the output.
struct OutputGroup {
    struct Key: Hashable {
        var job: String
        var instance: String
    }

    let key: Key
    /// The content of the `Resource` message.
    let resource: [UInt8]
    var families: [UInt32] = []
    var scopeSize = 0
    var size = 0

    init(_ key: Key) {
        self.key = key
        var resource: [UInt8] = []
        for (name, value) in [("service.name", key.job), ("service.instance.id", key.instance)]
        where !value.isEmpty {
            resource.appendMessage(1) { Attribute(name, .string(value)).append(to: &$0) }
        }
        self.resource = resource
    }
}
