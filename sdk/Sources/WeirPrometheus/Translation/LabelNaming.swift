/// Attribute keys as label names.
struct LabelNaming {
    let escapes: Bool

    /// `nil` for a key of which nothing but `_` is left.
    ///
    /// Escaping makes one `_` of every run of other characters; `__reserved__` keeps its ends, and
    /// a digit at the beginning gets `key_` before it.
    func name(_ key: String) -> String? {
        guard key.unicodeScalars.contains(where: { $0 != "_" }) else { return nil }
        guard escapes else { return key }
        let isReserved = key.utf8.count >= 4 && key.hasPrefix("__") && key.hasSuffix("__")
        var name = ""
        var inRun = false
        for scalar in (isReserved ? key.dropFirst(2).dropLast(2) : key[...]).unicodeScalars {
            if isLabelScalar(scalar) {
                name.unicodeScalars.append(scalar)
            } else if !inRun {
                name += "_"
            }
            inRun = !isLabelScalar(scalar)
        }
        guard name.contains(where: { $0 != "_" }) else { return nil }
        if isReserved { return "__" + name + "__" }
        if let first = name.unicodeScalars.first, "0"..."9" ~= first { return "key_" + name }
        return name
    }

    /// Adds attributes as labels. Where the names of several become one, their values are joined
    /// with `;`, in the order of their keys; labels that are there already are replaced.
    func add(_ attributes: [(key: String, value: String)], to labels: inout Labels) {
        var added: Set<String> = []
        for (key, value) in attributes.sorted(by: {
            $0.key.utf8.lexicographicallyPrecedes($1.key.utf8)
        }) {
            guard let name = name(key), name != "__name__" else { continue }
            let isJoined = !added.insert(name).inserted && !labels[name].isEmpty
            labels[name] = isJoined ? labels[name] + ";" + value : value
        }
    }
}
