/// One label of a series. The metric's name is the label `__name__`.
public struct Label: Sendable, Hashable {
    public var name: String
    public var value: String

    public init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}

/// The labels of a series or a target: sorted by the bytes of their names, each name once, none
/// with an empty value, because Prometheus takes an empty label for one that is not there.
public struct Labels: Sendable, Hashable {
    public private(set) var all: [Label]

    public init() { all = [] }

    /// Of two labels of one name the last counts.
    public init(_ labels: some Sequence<Label>) {
        self.init()
        for label in labels { self[label.name] = label.value }
    }

    /// The value of a label; empty if there is none. Setting an empty value removes the label.
    public subscript(name: String) -> String {
        get {
            let index = index(of: name)
            return isLabel(at: index, named: name) ? all[index].value : ""
        }
        set {
            let index = index(of: name)
            switch (isLabel(at: index, named: name), newValue.isEmpty) {
            case (true, true): all.remove(at: index)
            case (true, false): all[index].value = newValue
            case (false, true): break
            case (false, false): all.insert(Label(name, newValue), at: index)
            }
        }
    }

    public var isEmpty: Bool { all.isEmpty }

    private func isLabel(at index: Int, named name: String) -> Bool {
        index < all.count && all[index].name.utf8.elementsEqual(name.utf8)
    }

    /// Where a label of this name stands, or would.
    private func index(of name: String) -> Int {
        var low = 0
        var high = all.count
        while low < high {
            let middle = (low + high) / 2
            // Strings of Swift compare by canonical equivalence; Prometheus compares bytes.
            if all[middle].name.utf8.lexicographicallyPrecedes(name.utf8) {
                low = middle + 1
            } else {
                high = middle
            }
        }
        return low
    }
}

extension Labels: CustomStringConvertible {
    /// `{a="1", b="two"}`, as Prometheus' pages show it.
    public var description: String {
        let parts = all.map { label in
            var value: [UInt8] = []
            value.appendEscaped(label.value, quotes: true)
            return "\(label.name)=\"\(String(decoding: value, as: UTF8.self))\""
        }
        return "{" + parts.joined(separator: ", ") + "}"
    }
}
