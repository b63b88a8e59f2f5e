import WeirJSON

/// Where something stands in what a call gave: `return.celsius`, `loads[0]`, `sensors[*].name`.
package struct ResultPath: Sendable, Equatable {
    enum Step: Sendable, Equatable { case member(String), index(Int), each }

    let text: String
    let steps: [Step]

    /// `nil`: the text is no such path. `[*]` may stand in it once.
    package init?(_ text: String) {
        self.text = text
        var steps: [Step] = []
        for part in text.split(separator: ".", omittingEmptySubsequences: false) {
            let name = part.prefix { $0 != "[" }
            guard !name.isEmpty, !name.contains("]") else { return nil }
            steps.append(.member(String(name)))
            var rest = part.dropFirst(name.count)
            while !rest.isEmpty {
                guard rest.first == "[", let end = rest.firstIndex(of: "]") else { return nil }
                let inside = rest[rest.index(after: rest.startIndex)..<end]
                if inside == "*" {
                    guard !steps.contains(.each) else { return nil }
                    steps.append(.each)
                } else {
                    guard let index = Int(inside), index >= 0 else { return nil }
                    steps.append(.index(index))
                }
                rest = rest[rest.index(after: end)...]
            }
        }
        self.steps = steps
    }

    /// The argument that it begins with, or `return`.
    var root: String { if case .member(let name)? = steps.first { name } else { "" } }

    /// What stands there; `element` is what `[*]` stands for.
    func find(in result: JSONValue, element: Int = 0) -> JSONValue? {
        var found = result
        for step in steps {
            let next: JSONValue?
            switch step {
            case .member(let name): next = found[name]
            case .index(let index): next = ResultPath.element(found, index)
            case .each: next = ResultPath.element(found, element)
            }
            guard let next else { return nil }
            found = next
        }
        return found
    }

    /// How many elements `[*]` stands for.
    func count(in result: JSONValue) -> Int {
        guard let place = steps.firstIndex(of: .each) else { return 1 }
        var found = result
        for step in steps[..<place] {
            switch step {
            case .member(let name): found = found[name] ?? .null
            case .index(let index): found = ResultPath.element(found, index) ?? .null
            case .each: break
            }
        }
        return found.arrayValue?.count ?? 0
    }

    private static func element(_ value: JSONValue, _ index: Int) -> JSONValue? {
        guard let elements = value.arrayValue, index < elements.count else { return nil }
        return elements[index]
    }
}

extension JSONValue {
    /// A number; JSON has none for what is not finite, and the worker then writes its name.
    var number: Double? {
        switch self {
        case .integer(let number): Double(number)
        case .number(let number): number
        case .bool(let flag): flag ? 1 : 0
        case .string("NaN"): .nan
        case .string("Infinity"): .infinity
        case .string("-Infinity"): -.infinity
        default: nil
        }
    }

    /// For messages, which are no place for a megabyte.
    var excerpt: String {
        let text = serialized()
        let start = text.prefix(200)
        return start.endIndex == text.endIndex ? text : start + "..."
    }

    /// As a label's value.
    var labelText: String {
        switch self {
        case .string(let text): text
        case .null: ""
        default: serialized()
        }
    }
}
