/// Makes values of a prometheus.yml mean in Weir's dialect what they mean to Prometheus.
///
/// - Where Prometheus wants text, `true`, `1.0` and `8080` are text, quoted or not.
/// - Switches may be `yes` and `on`, as YAML 1.1 has them; numbers may hold `_`.
/// - A key without a value is as good as none.
/// - Nothing in it is a variable: `${1}` and `$$` stay what they are.
/// - Relative paths begin at the folder of the file.
struct PrometheusValues {
    let folder: String

    func read(_ entry: YAMLEntry, in parent: String = "") -> YAMLEntry? {
        if entry.node.isNull { return nil }
        var entry = entry
        entry.node = read(entry.node, key: entry.key, parent: parent)
        return entry
    }

    /// - Parameters:
    ///   - key: The key under which the node stands, directly or as an item of its list.
    ///   - parent: The key of the mapping in which that key stands.
    func read(_ node: YAMLNode, key: String, parent: String) -> YAMLNode {
        if PrometheusKeys.freeMappings.contains(key), node.mapping != nil {
            return texts(node, key: key)
        }
        var result = node
        switch node.value {
        case .mapping(let entries):
            result.value = .mapping(entries.compactMap { read($0, in: key) })
        case .sequence(let nodes):
            result.value = .sequence(nodes.map { read($0, key: key, parent: parent) })
        case .scalar(var scalar):
            if PrometheusKeys.isBoolean(key, in: parent) {
                scalar.readBoolean()
            } else if PrometheusKeys.numbers.contains(key) {
                scalar.readNumber()
            } else {
                scalar.becomeText()
            }
            if PrometheusKeys.isPath(key, in: parent) {
                scalar.text = joined(folder, scalar.text)
            }
            scalar.isLiteral = true
            result.value = .scalar(scalar)
        }
        return result
    }

    /// Below a key whose own keys people choose: all text.
    private func texts(_ node: YAMLNode, key: String) -> YAMLNode {
        var result = node
        switch node.value {
        case .mapping(let entries):
            result.value = .mapping(
                entries.filter { !$0.node.isNull }.map { entry in
                    YAMLEntry(
                        key: entry.key, keyLocation: entry.keyLocation,
                        node: texts(entry.node, key: entry.key))
                })
        case .sequence(let nodes): result.value = .sequence(nodes.map { texts($0, key: key) })
        case .scalar(var scalar):
            scalar.becomeText()
            // `http_headers: {NAME: {files: [...]}}`.
            if key == "files" { scalar.text = joined(folder, scalar.text) }
            scalar.isLiteral = true
            result.value = .scalar(scalar)
        }
        return result
    }
}

extension YAMLScalar {
    fileprivate mutating func becomeText() {
        isPlain = false
        tag = nil
    }

    fileprivate mutating func readBoolean() {
        guard isPlain else { return }
        switch text {
        case "y", "Y", "yes", "Yes", "YES", "on", "On", "ON": text = "true"
        case "n", "N", "no", "No", "NO", "off", "Off", "OFF": text = "false"
        default: break
        }
    }

    fileprivate mutating func readNumber() {
        let bare = text.filter { $0 != "_" }
        if isPlain, case .integer = resolveCore(bare) { text = bare }
    }
}

/// A path as seen from where `folder` is seen from.
func joined(_ folder: String, _ path: String) -> String {
    if path.isEmpty || path.hasPrefix("/") { return path }
    var rest = Substring(path)
    while rest.hasPrefix("./") { rest = rest.dropFirst(2) }
    if folder.isEmpty || folder == "." { return String(rest) }
    return folder.hasSuffix("/") ? folder + rest : "\(folder)/\(rest)"
}

/// The folder in which a file lies; `.` for a bare name.
func folder(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
}
