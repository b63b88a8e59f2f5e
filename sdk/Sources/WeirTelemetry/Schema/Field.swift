/// How the value of a field stands on the wire and in JSON.
package enum FieldKind: Sendable, Equatable {
    case string, bytes
    /// `bytes` of 16 or 0 bytes, and of 8 or 0 bytes; JSON writes them as hex.
    case traceID, spanID
    case bool, int32, int64, uint32, uint64, sint32
    case fixed32, fixed64, sfixed64, double
    case enumeration(EnumerationType)
    case message(MessageType)

    /// The wire type of one value that is not packed.
    package var wireType: WireType {
        switch self {
        case .string, .bytes, .traceID, .spanID, .message: .bytes
        case .bool, .int32, .int64, .uint32, .uint64, .sint32, .enumeration: .varint
        case .fixed32: .fixed32
        case .fixed64, .sfixed64, .double: .fixed64
        }
    }
}

/// The enumerations of OTLP; JSON accepts their names.
package enum EnumerationType: Sendable, Equatable {
    case spanKind, statusCode, severityNumber, aggregationTemporality
}

/// The four wire types that OTLP uses; groups (3 and 4) are not among them.
@frozen public enum WireType: UInt8, Sendable {
    case varint = 0
    case fixed64 = 1
    case bytes = 2
    case fixed32 = 5
}

/// One field of one message, as `opentelemetry-proto` 1.10 declares it.
package struct Field: Sendable {
    package let number: Int
    /// The protobuf name, as in `start_time_unix_nano`.
    package let name: String
    /// The JSON name, as in `startTimeUnixNano`.
    package let jsonName: String
    package let kind: FieldKind
    package let cardinality: Cardinality

    package enum Cardinality: Sendable {
        /// Absent and zero are the same.
        case implicit
        /// Declared `optional`: a zero that is present differs from nothing.
        case optional
        /// One case of the message's only `oneof`: the last one on the wire wins.
        case oneof
        case repeated
    }

    package var isRepeated: Bool { cardinality == .repeated }

    init(_ number: Int, _ name: String, _ kind: FieldKind, _ cardinality: Cardinality = .implicit) {
        self.number = number
        self.name = name
        self.kind = kind
        self.cardinality = cardinality
        var camel = ""
        var upper = false
        for character in name {
            if character == "_" {
                upper = true
            } else {
                camel += upper ? character.uppercased() : String(character)
                upper = false
            }
        }
        jsonName = camel
    }
}
