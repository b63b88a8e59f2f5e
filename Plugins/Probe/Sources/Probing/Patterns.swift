import WeirSDK

/// Compiles the regular expressions of a module; an error names the key that one stands under.
struct PatternCompiler {
    let expressions: RegularExpressions
    /// `modules.http_2xx`
    let module: String

    func all(_ patterns: [String]?, _ key: String) throws(ComponentError) -> [RegularExpression] {
        var compiled: [RegularExpression] = []
        for pattern in patterns ?? [] { compiled.append(try one(pattern, key)) }
        return compiled
    }

    func one(_ pattern: String, _ key: String) throws(ComponentError) -> RegularExpression {
        do throws(ComponentError) {
            return try expressions.compile(pattern)
        } catch {
            throw .invalid("\(module).\(key): '\(pattern)': \(error.message)")
        }
    }
}
