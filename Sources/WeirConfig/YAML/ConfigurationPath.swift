/// Paths of keys, as diagnostics show them: `processors.batch.timeout`, `policies[2].name`.
extension String {
    func appending(key: String) -> String {
        let isPlain = key.utf8.allSatisfy {
            $0 != UInt8(ascii: ".") && $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "[")
        }
        let step = isPlain && !key.isEmpty ? key : "\"\(key)\""
        return isEmpty ? step : "\(self).\(step)"
    }

    func appending(index: Int) -> String { "\(self)[\(index)]" }
}
