/// Whether the bytes are well-formed UTF-8 (Unicode 16, table 3-7): no overlong forms, no
/// surrogates, nothing above U+10FFFF.
@inlinable
package func isUTF8(_ bytes: some RandomAccessCollection<UInt8>) -> Bool {
    var index = bytes.startIndex
    let end = bytes.endIndex
    while index < end {
        let lead = bytes[index]
        bytes.formIndex(after: &index)
        if lead < 0x80 { continue }
        var low: UInt8 = 0x80
        var high: UInt8 = 0xbf
        let following: Int
        switch lead {
        case 0xc2...0xdf: following = 1
        case 0xe0...0xef:
            following = 2
            if lead == 0xe0 { low = 0xa0 }
            if lead == 0xed { high = 0x9f }
        case 0xf0...0xf4:
            following = 3
            if lead == 0xf0 { low = 0x90 }
            if lead == 0xf4 { high = 0x8f }
        default: return false
        }
        for _ in 0..<following {
            guard index < end else { return false }
            let byte = bytes[index]
            guard byte >= low, byte <= high else { return false }
            bytes.formIndex(after: &index)
            low = 0x80
            high = 0xbf
        }
    }
    return true
}
