import CFfi

/// libffi's descriptions of types. They are made once and kept, as long as the process lives.
enum FFIType {
    static func make(_ type: CType) -> UnsafeMutablePointer<ffi_type> {
        switch type {
        case .void: unsafe simple(1, FFI_TYPE_VOID)
        case .scalar(let scalar): unsafe self.scalar(scalar)
        case .string, .address, .pointer: unsafe simple(8, FFI_TYPE_POINTER)
        // libffi has no arrays; in memory one is a struct of that many fields.
        case .text(let count):
            unsafe structure(Array(repeating: .scalar(.i8), count: count))
        case .array(let element, let count):
            unsafe structure(Array(repeating: element, count: count))
        case .structure(let structure): unsafe self.structure(structure.fields.map(\.type))
        }
    }

    static func structure(_ fields: [CType]) -> UnsafeMutablePointer<ffi_type> {
        let elements = UnsafeMutablePointer<UnsafeMutablePointer<ffi_type>?>.allocate(
            capacity: fields.count + 1)
        for (index, field) in fields.enumerated() { unsafe elements[index] = make(field) }
        unsafe elements[fields.count] = nil
        let type = UnsafeMutablePointer<ffi_type>.allocate(capacity: 1)
        unsafe type.initialize(
            to: ffi_type(
                size: 0, alignment: 0, type: UInt16(FFI_TYPE_STRUCT), elements: elements))
        return unsafe type
    }

    private static func scalar(_ scalar: Scalar) -> UnsafeMutablePointer<ffi_type> {
        switch scalar {
        case .bool, .u8: unsafe simple(1, FFI_TYPE_UINT8)
        case .i8: unsafe simple(1, FFI_TYPE_SINT8)
        case .i16: unsafe simple(2, FFI_TYPE_SINT16)
        case .u16: unsafe simple(2, FFI_TYPE_UINT16)
        case .i32: unsafe simple(4, FFI_TYPE_SINT32)
        case .u32: unsafe simple(4, FFI_TYPE_UINT32)
        case .i64: unsafe simple(8, FFI_TYPE_SINT64)
        case .u64: unsafe simple(8, FFI_TYPE_UINT64)
        case .float: unsafe simple(4, FFI_TYPE_FLOAT)
        case .double: unsafe simple(8, FFI_TYPE_DOUBLE)
        }
    }

    private static func simple(_ size: Int, _ kind: Int32) -> UnsafeMutablePointer<ffi_type> {
        let type = UnsafeMutablePointer<ffi_type>.allocate(capacity: 1)
        unsafe type.initialize(
            to: ffi_type(size: size, alignment: UInt16(size), type: UInt16(kind), elements: nil))
        return unsafe type
    }
}
