/// Names of OTLP metrics as Prometheus names.
struct MetricNaming {
    let strategy: TranslationStrategy
    let namespace: String

    /// What the suffixes depend on.
    enum Kind { case counter, gauge, other }

    /// `nil` if nothing is left of the name.
    func name(_ name: String, unit: String, _ kind: Kind) -> String? {
        guard !name.isEmpty else { return nil }
        guard strategy.escapes else { return unescaped(name, unit, kind) }
        let result = strategy.addsSuffixes ? suffixed(name, unit, kind) : plain(name)
        let says = result == name || result.contains { $0 != "_" }
        return says && !result.isEmpty ? result : nil
    }

    /// The name of a metric that came from Prometheus: as it stands.
    func kept(_ name: String) -> String? {
        guard !name.isEmpty else { return nil }
        return namespace.isEmpty ? name : namespace + "_" + name
    }

    /// Words of letters, digits and colons, joined by `_`; the unit's words and `total` or `ratio`
    /// at the end, once each.
    private func suffixed(_ name: String, _ unit: String, _ kind: Kind) -> String {
        var words = split(name, where: { !isNameScalar($0) })
        let unitWords = UnitWords(unit)
        let main = escapedUnit(unitWords.main)
        let per = escapedUnit(unitWords.per).trimmingUnderscore()
        let addsPer = !per.isEmpty && per != "per" && !words.contains(per)
        if !main.isEmpty, !words.contains(main) {
            words.append(addsPer ? main.trimmingUnderscore() : main)
        }
        if addsPer { words.append(per) }
        if kind == .counter { words = words.filter { $0 != "total" } + ["total"] }
        if kind == .gauge, unit == "1" { words = words.filter { $0 != "ratio" } + ["ratio"] }
        if !namespace.isEmpty { words.insert(namespace, at: 0) }
        return notBeginningWithDigit(words.joined(separator: "_"))
    }

    private func plain(_ name: String) -> String {
        let allowed: (Unicode.Scalar) -> Bool = { isNameScalar($0) || $0 == "_" }
        let name = split(name, where: { !allowed($0) }).joined(separator: "_")
        guard namespace.isEmpty else {
            let prefix = split(namespace, where: { !allowed($0) }).joined(separator: "_")
            return notBeginningWithDigit(prefix + "_" + name)
        }
        return notBeginningWithDigit(name)
    }

    /// All of UTF-8 stays; the suffixes go to the end, taken away first if they stand there.
    private func unescaped(_ name: String, _ unit: String, _ kind: Kind) -> String {
        var name = namespace.isEmpty ? name : namespace + "_" + name
        guard strategy.addsSuffixes else { return name }
        let words = UnitWords(unit)
        var ending = ""
        func moveToEnd(_ suffix: String) {
            if name.hasSuffix(suffix), name.unicodeScalars.count > suffix.unicodeScalars.count + 1 {
                name.unicodeScalars.removeLast(suffix.unicodeScalars.count + 1)
            }
            ending = "_" + suffix + ending
        }
        if kind == .gauge, unit == "1" { moveToEnd("ratio") }
        if kind == .counter { moveToEnd("total") }
        if !words.per.isEmpty { moveToEnd(words.per) }
        if !words.main.isEmpty, !name.hasSuffix(words.main) { name += "_" + words.main }
        return name + ending
    }

    private func notBeginningWithDigit(_ name: String) -> String {
        guard let first = name.unicodeScalars.first, "0"..."9" ~= first else { return name }
        return "_" + name
    }

    private func split(
        _ text: String, where isSeparator: (Unicode.Scalar) -> Bool
    ) -> [String] {
        text.unicodeScalars.split(whereSeparator: isSeparator).map { String($0) }
    }
}
