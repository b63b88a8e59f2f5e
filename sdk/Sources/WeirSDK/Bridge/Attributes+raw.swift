import CWeir

extension Attributes {
    /// Lends the attributes in the form of the ABI for the time of a call.
    func withRaw<R>(_ body: (UnsafeBufferPointer<weir_attribute>) -> R) -> R {
        if isEmpty { return unsafe body(UnsafeBufferPointer(start: nil, count: 0)) }
        // All text lies in one array, so that one borrow covers every slice.
        var text: [UInt8] = []
        var lengths: [(key: Int, value: Int)] = []
        for pair in self {
            let start = text.count
            text.append(contentsOf: pair.key.utf8)
            let middle = text.count
            if case .string(let string) = pair.value { text.append(contentsOf: string.utf8) }
            lengths.append((middle - start, text.count - middle))
        }
        return unsafe text.withUnsafeBufferPointer { text in
            var offset = 0
            var raw = unsafe [weir_attribute]()
            unsafe raw.reserveCapacity(count)
            for (index, pair) in self.enumerated() {
                let (key, length) = lengths[index]
                var attribute = unsafe weir_attribute()
                unsafe attribute.key = weir_slice(data: text.baseAddress! + offset, length: key)
                offset += key
                switch pair.value {
                case .string:
                    unsafe attribute.type = UInt32(WEIR_VALUE_STRING)
                    unsafe attribute.value.string = weir_slice(
                        data: text.baseAddress! + offset, length: length)
                    offset += length
                case .bool(let flag):
                    unsafe attribute.type = UInt32(WEIR_VALUE_BOOL)
                    unsafe attribute.value.boolean = flag
                case .int(let number):
                    unsafe attribute.type = UInt32(WEIR_VALUE_INT)
                    unsafe attribute.value.integer = number
                case .double(let number):
                    unsafe attribute.type = UInt32(WEIR_VALUE_DOUBLE)
                    unsafe attribute.value.number = number
                }
                unsafe raw.append(attribute)
            }
            return unsafe raw.withUnsafeBufferPointer { unsafe body($0) }
        }
    }
}
