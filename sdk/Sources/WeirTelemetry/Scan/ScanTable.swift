/// What the scan does with a field, as one byte, so that the table of all messages stays in cache.
enum ScanAction {
    /// A field number that this schema does not know: skipped by its wire type.
    static let unknown: UInt8 = 0
    static let varint: UInt8 = 1
    static let fixed64: UInt8 = 2
    static let fixed32: UInt8 = 3
    static let bytes: UInt8 = 4
    static let string: UInt8 = 5
    static let packedVarints: UInt8 = 6
    static let packedFixed64: UInt8 = 7
    static let traceID: UInt8 = 8
    static let spanID: UInt8 = 9
    /// Field number 0, a group, a wire type that does not exist, or one that the field cannot have.
    static let invalid: UInt8 = 10
    /// A message: this plus the raw value of its type. `keyValue` is the last of them.
    static let message: UInt8 = 16
    static let keyValue = message + MessageType.keyValue.rawValue
}

/// One row of 256 actions per message type, indexed by the tag: all fields of OTLP are below 32,
/// so every known tag is below 256.
func makeScanTable() -> [UInt8] {
    var table = [UInt8](repeating: ScanAction.unknown, count: MessageType.allCases.count << 8)
    for type in MessageType.allCases {
        let row = Int(type.rawValue) << 8
        for tag in 0..<256 where tag < 8 || WireType(rawValue: UInt8(tag & 7)) == nil {
            table[row + tag] = ScanAction.invalid
        }
        for field in type.fields {
            for wireType in 0..<8 {
                let tag = row + field.number << 3 + wireType
                table[tag] = action(of: field, wireType: WireType(rawValue: UInt8(wireType)))
            }
        }
    }
    return table
}

private func action(of field: Field, wireType: WireType?) -> UInt8 {
    let single = field.kind.wireType
    if field.isRepeated, wireType == .bytes, single != .bytes {
        return single == .varint ? ScanAction.packedVarints : ScanAction.packedFixed64
    }
    guard wireType == single else { return ScanAction.invalid }
    return switch field.kind {
    case .string: ScanAction.string
    case .bytes: ScanAction.bytes
    case .traceID: ScanAction.traceID
    case .spanID: ScanAction.spanID
    case .message(let type): ScanAction.message + type.rawValue
    default:
        switch single {
        case .varint: ScanAction.varint
        case .fixed64: ScanAction.fixed64
        default: ScanAction.fixed32
        }
    }
}
