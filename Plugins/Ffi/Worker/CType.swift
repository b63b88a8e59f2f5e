/// A type of C, as settings name it.
indirect enum CType {
    case void
    case scalar(Scalar)
    /// `char[16]`: text up to the first zero.
    case text(Int)
    /// `const char *`.
    case string
    /// An address that is passed on and not looked at.
    case address
    /// `reading*`, of what is returned: it is read where it points to.
    case pointer(CType)
    case array(CType, Int)
    case structure(Structure)
}

/// Numbers, by size and kind.
enum Scalar: String, CaseIterable {
    case bool, i8, u8, i16, u16, i32, u32, i64, u64, float, double

    /// C's own names, as they are on Linux with 64 bits.
    static let aliases: [String: Scalar] = [
        "char": .i8, "signed char": .i8, "unsigned char": .u8, "short": .i16,
        "unsigned short": .u16, "int": .i32, "unsigned int": .u32, "long": .i64,
        "unsigned long": .u64, "long long": .i64, "unsigned long long": .u64, "size_t": .u64,
        "ssize_t": .i64, "int8_t": .i8, "uint8_t": .u8, "int16_t": .i16, "uint16_t": .u16,
        "int32_t": .i32, "uint32_t": .u32, "int64_t": .i64, "uint64_t": .u64, "time_t": .i64,
        "intptr_t": .i64, "uintptr_t": .u64, "_Bool": .bool,
    ]

    init?(_ name: String) {
        guard let found = Scalar(rawValue: name) ?? Scalar.aliases[name] else { return nil }
        self = found
    }

    var size: Int {
        switch self {
        case .bool, .i8, .u8: 1
        case .i16, .u16: 2
        case .i32, .u32, .float: 4
        case .i64, .u64, .double: 8
        }
    }
}

/// A struct whose layout libffi has computed.
final class Structure {
    struct Field {
        var name: String
        var type: CType
        var offset: Int
    }

    let name: String
    let fields: [Field]
    let size: Int
    let alignment: Int

    init(name: String, fields: [Field], size: Int, alignment: Int) {
        self.name = name
        self.fields = fields
        self.size = size
        self.alignment = alignment
    }

    /// `celsius at 0 (8 bytes), id at 8 (4 bytes)`.
    var layout: String {
        fields.map { "\($0.name) at \($0.offset) (\($0.type.size) bytes)" }.joined(separator: ", ")
    }
}

extension CType {
    /// Bytes in memory.
    var size: Int {
        switch self {
        case .void: 0
        case .scalar(let scalar): scalar.size
        case .text(let count): count
        case .string, .address, .pointer: 8
        case .array(let element, let count): element.size * count
        case .structure(let structure): structure.size
        }
    }
}
