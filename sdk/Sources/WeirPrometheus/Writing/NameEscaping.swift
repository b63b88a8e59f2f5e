/// How names that Prometheus' first data model does not know are written for a reader that may
/// not take them; the reader chooses with `escaping=` in its Accept header.
public enum NameEscaping: String, Sendable, Hashable, CaseIterable {
    /// Names stay as they are, in quotes.
    case allowUTF8 = "allow-utf-8"
    case underscores
    case dots
    case values

    /// A metric's or, with `isLabel`, a label's name in this form.
    public func escaped(_ name: String, isLabel: Bool = false) -> String {
        switch self {
        case .allowUTF8: return name
        case .underscores:
            if NameEscaping.isPlain(name, isLabel: isLabel) { return name }
            return mapped(name, isLabel) { _ in "_" }
        case .dots:
            // Also of names that need it not, so that the way back is clear.
            return mapped(name, isLabel, underscore: "__") { $0 == "." ? "_dot_" : "__" }
        case .values:
            if NameEscaping.isPlain(name, isLabel: isLabel) { return name }
            return "U__"
                + mapped(name, isLabel, underscore: "__") {
                    "_" + String($0.value, radix: 16) + "_"
                }
        }
    }

    /// Whether a name needs neither quotes nor escaping.
    public static func isPlain(_ name: String, isLabel: Bool = false) -> Bool {
        var isFirst = true
        for byte in name.utf8 {
            guard isPlain(byte, isFirst: isFirst, isLabel: isLabel) else { return false }
            isFirst = false
        }
        return !isFirst
    }

    private static func isPlain(_ byte: UInt8, isFirst: Bool, isLabel: Bool) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "_"):
            true
        case UInt8(ascii: "0")...UInt8(ascii: "9"): !isFirst
        case UInt8(ascii: ":"): !isLabel
        default: false
        }
    }

    private func mapped(
        _ name: String, _ isLabel: Bool, underscore: String = "_",
        _ other: (Unicode.Scalar) -> String
    ) -> String {
        var result = ""
        var isFirst = true
        for scalar in name.unicodeScalars {
            if scalar == "_" {
                result += underscore
            } else if scalar.isASCII,
                NameEscaping.isPlain(
                    UInt8(truncatingIfNeeded: scalar.value), isFirst: isFirst, isLabel: isLabel)
            {
                result.unicodeScalars.append(scalar)
            } else {
                result += other(scalar)
            }
            isFirst = false
        }
        return result
    }
}
