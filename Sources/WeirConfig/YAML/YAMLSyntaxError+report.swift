/// Reports libyaml's complaint, with advice for the mistakes that people make most.
func reportSyntaxError(
    _ error: YAMLSyntaxError, in bytes: [UInt8], source: Int,
    to collector: DiagnosticCollector
) {
    // What is not closed is noticed at the end of the file; what helps is where it was opened.
    let isUnclosed =
        error.problem.contains("unexpected end of stream")
        || error.mark.line > error.contextMark.line
            && (error.problem.contains("',' or ']'") || error.problem.contains("',' or '}'"))
    let mark = isUnclosed ? error.contextMark : error.mark
    let place = SourceLocation(source: source, line: mark.line, column: mark.column)
    var found: String?
    if let context = error.context, !isUnclosed {
        found = "\(context) that began in line \(error.contextMark.line)"
    }
    collector.report(
        .syntax, at: place, path: "", "this is not valid YAML: \(error.problem)", found: found,
        suggestion: advice(for: error, in: bytes))
}

private func advice(for error: YAMLSyntaxError, in bytes: [UInt8]) -> String? {
    let problem = error.problem
    if problem.contains("cannot start any token") {
        return character(at: error.mark, in: bytes) == "\t"
            ? "indent with spaces: YAML does not allow tabs"
            : "quote a value that begins with this character"
    }
    if problem.contains("mapping values are not allowed") {
        return "check the indentation; quote a value that contains ': '"
    }
    if problem.contains("did not find expected key") {
        return "check the indentation: keys of one mapping begin in the same column"
    }
    if problem.contains("could not find expected ':'") {
        return "a key is followed by ':' and a space"
    }
    if problem.contains("unexpected end of stream") { return "a quote is not closed" }
    if problem.contains("expected ','"), line(at: error.mark, in: bytes).contains("${") {
        return "inside of { } and [ ], put a variable into quotes: \"${env:NAME}\""
    }
    if problem.contains("',' or ']'") { return "close the list with ']'" }
    if problem.contains("',' or '}'") { return "close the mapping with '}'" }
    if problem.contains("expected node content") {
        return "a value or a closing bracket is missing"
    }
    if problem.contains("block sequence entries") {
        return "put the list's '-' on a line of its own below the key"
    }
    if problem.contains("octet") || problem.contains("UTF-8") || problem.contains("control") {
        return "save the file as UTF-8 text"
    }
    return nil
}

private func character(at mark: YAMLMark, in bytes: [UInt8]) -> Unicode.Scalar? {
    line(at: mark, in: bytes).unicodeScalars.dropFirst(mark.column - 1).first
}

private func line(at mark: YAMLMark, in bytes: [UInt8]) -> String {
    let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    guard lines.indices.contains(mark.line - 1) else { return "" }
    return String(decoding: lines[mark.line - 1], as: UTF8.self)
}
