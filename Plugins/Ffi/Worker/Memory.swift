import Glibc
import WeirJSON
import WeirWorker

/// Values of C in memory, from JSON and to JSON.
extension CType {
    /// The value at an address. Text that is not UTF-8 is repaired.
    func read(_ address: UnsafeRawPointer) throws(WorkerError) -> JSONValue {
        switch self {
        case .void, .address: return .null
        case .scalar(let scalar): return unsafe scalar.read(address)
        case .text(let count):
            let bytes = unsafe UnsafeRawBufferPointer(start: address, count: count)
            return unsafe .string(String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self))
        case .string:
            guard let text = unsafe address.loadUnaligned(as: UnsafePointer<CChar>?.self) else {
                return .null
            }
            // A text without its end would take the whole memory along.
            let length = unsafe strnlen(text, 65536)
            let bytes = unsafe UnsafeRawBufferPointer(start: text, count: length)
            return unsafe .string(String(decoding: bytes, as: UTF8.self))
        case .pointer(let target):
            guard let place = unsafe address.loadUnaligned(as: UnsafeRawPointer?.self) else {
                return .null
            }
            return try unsafe target.read(place)
        case .array(let element, let count):
            var values: [JSONValue] = []
            for index in 0..<count {
                values.append(try unsafe element.read(address + index * element.size))
            }
            return .array(values)
        case .structure(let structure):
            var members: [JSONMember] = []
            for field in structure.fields {
                let value = try unsafe field.type.read(address + field.offset)
                members.append(JSONMember(field.name, value))
            }
            return .object(members)
        }
    }

    /// Puts a value there; what it does not mention stays zero. Strings are kept for ever.
    func write(
        _ value: JSONValue, to address: UnsafeMutableRawPointer, _ place: String
    ) throws(WorkerError) {
        switch (self, value) {
        case (_, .null): return
        case (.scalar(let scalar), _):
            guard unsafe scalar.write(value, to: address) else {
                throw mismatch(value, place, "a number that fits \(scalar.rawValue)")
            }
        case (.text(let count), .string(let text)):
            guard text.utf8.count < count else {
                throw mismatch(value, place, "at most \(count - 1) bytes")
            }
            for (index, byte) in text.utf8.enumerated() {
                unsafe address.storeBytes(of: byte, toByteOffset: index, as: UInt8.self)
            }
        case (.string, .string(let text)):
            unsafe address.storeBytes(of: strdup(text), as: UnsafeMutablePointer<CChar>?.self)
        case (.array(let element, let count), .array(let values)):
            guard values.count <= count else {
                throw mismatch(value, place, "at most \(count) values")
            }
            for (index, value) in values.enumerated() {
                try unsafe element.write(
                    value, to: address + index * element.size, "\(place)[\(index)]")
            }
        case (.structure(let structure), .object(let members)):
            for member in members {
                guard let field = structure.fields.first(where: { $0.name == member.key }) else {
                    throw WorkerError(
                        .invalid, "\(place): \(structure.name) has no field '\(member.key)'")
                }
                try unsafe field.type.write(
                    member.value, to: address + field.offset, "\(place).\(member.key)")
            }
        default: throw mismatch(value, place, "a value of its type")
        }
    }

    private func mismatch(
        _ value: JSONValue, _ place: String, _ expected: String
    ) -> WorkerError {
        WorkerError(.invalid, "\(place): found \(value.serialized()), expected \(expected)")
    }
}

extension Scalar {
    func read(_ address: UnsafeRawPointer) -> JSONValue {
        func integer<I: FixedWidthInteger>(_: I.Type) -> JSONValue {
            let value = unsafe address.loadUnaligned(as: I.self)
            return Int64(exactly: value).map { .integer($0) } ?? .number(Double(value))
        }
        switch self {
        case .bool: return unsafe .bool(address.loadUnaligned(as: UInt8.self) != 0)
        case .i8: return integer(Int8.self)
        case .u8: return integer(UInt8.self)
        case .i16: return integer(Int16.self)
        case .u16: return integer(UInt16.self)
        case .i32: return integer(Int32.self)
        case .u32: return integer(UInt32.self)
        case .i64: return integer(Int64.self)
        case .u64: return integer(UInt64.self)
        case .float: return unsafe .number(Double(address.loadUnaligned(as: Float.self)))
        case .double: return unsafe .number(address.loadUnaligned(as: Double.self))
        }
    }

    /// Whether the value fits.
    func write(_ value: JSONValue, to address: UnsafeMutableRawPointer) -> Bool {
        let number: Double
        var whole: Int64?
        switch value {
        case .integer(let found):
            number = Double(found)
            whole = found
        case .number(let found):
            number = found
            whole = Int64(exactly: found)
        case .bool(let flag):
            number = flag ? 1 : 0
            whole = flag ? 1 : 0
        default: return false
        }
        func integer<I: FixedWidthInteger>(_: I.Type) -> Bool {
            guard let whole, let fits = I(exactly: whole) else { return false }
            unsafe address.storeBytes(of: fits, as: I.self)
            return true
        }
        switch self {
        case .bool, .u8: return integer(UInt8.self)
        case .i8: return integer(Int8.self)
        case .i16: return integer(Int16.self)
        case .u16: return integer(UInt16.self)
        case .i32: return integer(Int32.self)
        case .u32: return integer(UInt32.self)
        case .i64: return integer(Int64.self)
        case .u64: return integer(UInt64.self)
        case .float: unsafe address.storeBytes(of: Float(number), as: Float.self)
        case .double: unsafe address.storeBytes(of: number, as: Double.self)
        }
        return true
    }
}
