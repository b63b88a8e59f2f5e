/// A name from elsewhere as part of a label's name: what is not a letter, a digit or `_` becomes
/// `_`, as Prometheus does it for meta labels.
func sanitized(_ name: String) -> String {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(name.utf8.count)
    for scalar in name.unicodeScalars {
        switch scalar {
        case "a"..."z", "A"..."Z", "0"..."9": bytes.append(UInt8(scalar.value))
        default: bytes.append(UInt8(ascii: "_"))
        }
    }
    return String(decoding: bytes, as: UTF8.self)
}
