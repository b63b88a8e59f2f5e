import WeirJSON

/// The trace or span id, of `count` bytes, that the value of an exemplar's label is.
///
/// `nil` where it would not be written back as it stands: ids are written in lower case, and one
/// that is all zero is none. Such a label stays a label.
func exemplarID(hex text: some Collection<UInt8>, count: Int) -> [UInt8]? {
    guard text.count == count * 2 else { return nil }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(count)
    var high: UInt8?
    for byte in text {
        guard !(UInt8(ascii: "A")...UInt8(ascii: "F")).contains(byte), let digit = hexDigit(byte)
        else { return nil }
        if let first = high {
            bytes.append(first << 4 | digit)
            high = nil
        } else {
            high = digit
        }
    }
    return bytes.contains { $0 != 0 } ? bytes : nil
}
