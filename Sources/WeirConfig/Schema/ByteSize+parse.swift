/// Reads a size: a plain integer, or a number with `B`, `KiB`, `MiB`, `GiB`, `TiB` (1024) or `kB`,
/// `KB`, `MB`, `GB`, `TB` (1000).
package func parseByteSize(_ text: String) -> Int64? {
    try? parseByteSizeOrExplain(text)
}

func parseByteSizeOrExplain(_ text: String) throws(FormatComplaint) -> Int64 {
    if let plain = Int64(text) {
        if plain < 0 { throw FormatComplaint("a size cannot be negative") }
        return plain
    }
    let digits = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
    guard let amount = Double(digits) else {
        throw FormatComplaint("it does not begin with a number")
    }
    var unit = text.dropFirst(digits.count)
    while unit.first == " " { unit.removeFirst() }
    guard let scale = scales[String(unit)] else {
        let near = [
            "k": "KiB", "K": "KiB", "Ki": "KiB", "kib": "KiB", "kb": "kB",
            "m": "MiB", "M": "MiB", "Mi": "MiB", "mib": "MiB", "mb": "MB", "Mb": "MB",
            "g": "GiB", "G": "GiB", "Gi": "GiB", "gib": "GiB", "gb": "GB", "Gb": "GB",
        ][String(unit)]
        throw FormatComplaint(
            "there is no unit '\(unit)'",
            suggestion: near.map { "write \(digits)\($0)" }
                ?? "the units are B, KiB, MiB, GiB, TiB, kB, MB, GB, TB")
    }
    let bytes = amount * Double(scale)
    guard bytes < 9e18 else { throw FormatComplaint("the size is larger than 8 EiB") }
    guard bytes == bytes.rounded() else {
        throw FormatComplaint("it is not a whole number of bytes")
    }
    return Int64(bytes)
}

private let scales: [String: Int64] = [
    "": 1, "B": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30, "TiB": 1 << 40,
    "kB": 1_000, "KB": 1_000, "MB": 1_000_000, "GB": 1_000_000_000, "TB": 1_000_000_000_000,
]
