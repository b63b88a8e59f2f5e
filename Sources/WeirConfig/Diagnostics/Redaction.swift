/// What stands in place of a secret wherever the configuration is shown.
package let redactedText = "<redacted>"

/// Whether a key's name says that its value is a secret, whatever its schema says.
///
/// A net under the schema's `x-weir-secret`: for headers, for keys that were misspelled, and for
/// lines of a file that cannot be parsed. A path to a secret (`token_file`) is not a secret.
func isSensitiveName(_ name: some StringProtocol) -> Bool {
    let key = String(name).lowercased().filter { $0 != "-" && $0 != "_" && $0 != "." }
    if key.hasSuffix("file") || key.hasSuffix("path") || key.hasSuffix("dir") { return false }
    let fragments = [
        "passw", "pasw", "passphrase", "secret", "apikey", "accesskey", "privatekey",
        "credential", "authorization", "bearer", "cookie",
    ]
    return key == "pin" || key == "keypem" || key.hasSuffix("token")
        || fragments.contains { key.contains($0) }
}

/// The text with the password of every `scheme://user:password@host` in it masked.
func maskingUserInfo(_ text: String) -> String {
    var scalars = Array(text.unicodeScalars)
    for range in userInfoRanges(in: scalars).reversed() {
        scalars.replaceSubrange(range, with: Array(redactedText.unicodeScalars))
    }
    var view = String.UnicodeScalarView()
    view.append(contentsOf: scalars)
    return String(view)
}

/// What has to be masked in a line of source, judged by its look alone.
func sensitiveRanges(in line: [Unicode.Scalar]) -> [Range<Int>] {
    userInfoRanges(in: line) + sensitiveValueRanges(in: line)
}

private func userInfoRanges(in text: [Unicode.Scalar]) -> [Range<Int>] {
    var ranges: [Range<Int>] = []
    var index = 0
    while index + 2 < text.count {
        guard text[index] == ":", text[index + 1] == "/", text[index + 2] == "/" else {
            index += 1
            continue
        }
        let start = index + 3
        var end = start
        var colon: Int?
        var at: Int?
        while end < text.count, text[end] != "/", text[end] != " ", text[end] != "\"" {
            if text[end] == ":", colon == nil { colon = end }
            if text[end] == "@" { at = end }
            end += 1
        }
        if let colon, let at, colon < at {
            let password = String(String.UnicodeScalarView(text[(colon + 1)..<at]))
            if !isPlainReference(password) { ranges.append((colon + 1)..<at) }
        }
        index = max(end, start)
    }
    return ranges
}

/// The values of `password: value` pairs, up to the next `,` or `}` of a flow mapping.
private func sensitiveValueRanges(in line: [Unicode.Scalar]) -> [Range<Int>] {
    var ranges: [Range<Int>] = []
    var index = 0
    while index < line.count {
        guard line[index] == ":", index + 1 < line.count, line[index + 1] == " " else {
            index += 1
            continue
        }
        var start = index
        while start > 0,
            line[start - 1].properties.isAlphabetic
                || "_-./0123456789\"'".unicodeScalars.contains(line[start - 1])
        {
            start -= 1
        }
        let name = String(String.UnicodeScalarView(line[start..<index]))
            .filter { $0 != "\"" && $0 != "'" }
        var value = index + 1
        while value < line.count, line[value] == " " { value += 1 }
        // The settings of a component that somebody called so: each is judged by its own key.
        let isComponent = name.contains("/") && value < line.count && line[value] == "{"
        guard isSensitiveName(name), value < line.count, !isComponent else {
            index += 1
            continue
        }
        var end = line.count
        if line[..<index].contains("{") {
            end = line[value...].firstIndex { $0 == "," || $0 == "}" } ?? line.count
        }
        // A value split over flow syntax is masked to the line's end: too much beats too little.
        if line[value] == "\"" || line[value] == "'" || line[value] == "[" || line[value] == "{" {
            end = line.count
        }
        let text = String(String.UnicodeScalarView(line[value..<end]))
        if !isPlainReference(text) { ranges.append(value..<end) }
        index = end
    }
    return ranges
}

/// Whether the text is one reference and nothing else, without a default: it tells no secret.
func isPlainReference(_ text: String) -> Bool {
    var body = Substring(text)
    while let last = body.last, last == " " || last == "\"" || last == "'" { body.removeLast() }
    while let first = body.first, first == " " || first == "\"" || first == "'" {
        body.removeFirst()
    }
    guard body.hasPrefix("${"), body.hasSuffix("}") else { return false }
    let inner = body.dropFirst(2).dropLast()
    return !inner.contains("{") && !inner.contains("}")
        && !(inner.hasPrefix("file:") ? inner.dropFirst(5) : inner).contains(":-")
}
