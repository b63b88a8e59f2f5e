extension [UInt8] {
    /// `a="1",b="2"`. Of two names that become one by escaping the first is written.
    mutating func appendLabels(_ labels: Labels, _ escaping: NameEscaping) {
        var names: Set<String> = []
        appendLabels(
            labels.all.compactMap { label in
                let name = escaping.escaped(label.name, isLabel: true)
                return names.insert(name).inserted ? Label(name, label.value) : nil
            })
    }

    /// `a="1",b="2"`, with the names as they are.
    mutating func appendLabels(_ labels: [Label]) {
        for (index, label) in labels.enumerated() {
            if index > 0 { append(UInt8(ascii: ",")) }
            appendName(label.name, isLabel: true)
            append(contentsOf: "=\"".utf8)
            appendEscaped(label.value, quotes: true)
            append(UInt8(ascii: "\""))
        }
    }

    /// A name, in quotes if it needs them.
    mutating func appendName(_ name: String, isLabel: Bool = false) {
        if NameEscaping.isPlain(name, isLabel: isLabel) {
            append(contentsOf: name.utf8)
        } else {
            append(UInt8(ascii: "\""))
            appendEscaped(name, quotes: true)
            append(UInt8(ascii: "\""))
        }
    }

    /// Text with `\` and line feeds escaped and, if it stands in quotes, these.
    mutating func appendEscaped(_ text: String, quotes: Bool) {
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\\"): append(contentsOf: "\\\\".utf8)
            case UInt8(ascii: "\n"): append(contentsOf: "\\n".utf8)
            case UInt8(ascii: "\"") where quotes: append(contentsOf: "\\\"".utf8)
            default: append(byte)
            }
        }
    }
}
