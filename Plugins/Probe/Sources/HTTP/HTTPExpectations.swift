import WeirSDK

/// What a module expects of an answer.
struct HTTPExpectations: Sendable {
    private struct HeaderPattern: Sendable {
        let name: String
        let pattern: RegularExpression
        let allowsMissing: Bool
    }

    private let codes: [Int]
    private let versions: [String]
    private let bodyMatches: [RegularExpression]
    private let bodyMissesMatch: [RegularExpression]
    private let headerMatches: [HeaderPattern]
    private let headerMissesMatch: [HeaderPattern]
    private let failsWithTLS: Bool
    private let failsWithoutTLS: Bool

    init(_ settings: HTTPSettings, _ compiler: PatternCompiler) throws(ComponentError) {
        codes = settings.validStatusCodes ?? []
        versions = settings.validHTTPVersions ?? []
        bodyMatches = try compiler.all(
            settings.failIfBodyMatchesRegexp, "http.fail_if_body_matches_regexp")
        bodyMissesMatch = try compiler.all(
            settings.failIfBodyNotMatchesRegexp, "http.fail_if_body_not_matches_regexp")
        headerMatches = try HTTPExpectations.headers(
            settings.failIfHeaderMatches, "http.fail_if_header_matches", compiler)
        headerMissesMatch = try HTTPExpectations.headers(
            settings.failIfHeaderNotMatches, "http.fail_if_header_not_matches", compiler)
        failsWithTLS = settings.failIfSSL ?? false
        failsWithoutTLS = settings.failIfNotSSL ?? false
    }

    private static func headers(
        _ settings: [HeaderSettings]?, _ key: String, _ compiler: PatternCompiler
    ) throws(ComponentError) -> [HeaderPattern] {
        var patterns: [HeaderPattern] = []
        for setting in settings ?? [] {
            patterns.append(
                HeaderPattern(
                    name: setting.header.lowercased(),
                    pattern: try compiler.one(setting.regexp, key),
                    allowsMissing: setting.allowMissing ?? false))
        }
        return patterns
    }

    var looksAtBody: Bool { !bodyMatches.isEmpty || !bodyMissesMatch.isEmpty }

    /// What is not as expected, and whether a regular expression says so.
    func problem(
        _ answer: ResponseParser, isSecure: Bool
    ) -> (text: String, isByPattern: Bool)? {
        let isExpected =
            codes.isEmpty ? (200..<300).contains(answer.code) : codes.contains(answer.code)
        if !isExpected {
            let expected = codes.isEmpty ? "2xx" : codes.map(String.init).joined(separator: ", ")
            return ("the status is \(answer.code), expected \(expected)", false)
        }
        let version = "HTTP/\(answer.version)"
        if !versions.isEmpty, !versions.contains(version) {
            let expected = versions.joined(separator: ", ")
            return ("the version is \(version), expected \(expected)", false)
        }
        if let text = headerProblem(answer) ?? bodyProblem(answer) { return (text, true) }
        if isSecure, failsWithTLS { return ("it speaks TLS, which fail_if_ssl forbids", false) }
        if !isSecure, failsWithoutTLS {
            return ("it does not speak TLS, which fail_if_not_ssl demands", false)
        }
        return nil
    }

    private func headerProblem(_ answer: ResponseParser) -> String? {
        for expected in headerMatches {
            let values = answer.header(expected.name)
            if values.isEmpty, !expected.allowsMissing {
                return "header \(expected.name) is missing"
            }
            if values.contains(where: { expected.pattern.isFound(in: $0) }) {
                return "header \(expected.name) matches '\(expected.pattern.pattern)'"
            }
        }
        for expected in headerMissesMatch {
            let values = answer.header(expected.name)
            if values.isEmpty {
                if expected.allowsMissing { continue }
                return "header \(expected.name) is missing"
            }
            if !values.contains(where: { expected.pattern.isFound(in: $0) }) {
                return "header \(expected.name) does not match '\(expected.pattern.pattern)'"
            }
        }
        return nil
    }

    private func bodyProblem(_ answer: ResponseParser) -> String? {
        guard looksAtBody else { return nil }
        let body = String(decoding: answer.body, as: UTF8.self)
        for pattern in bodyMatches where pattern.isFound(in: body) {
            return "the body matches '\(pattern.pattern)'"
        }
        for pattern in bodyMissesMatch where !pattern.isFound(in: body) {
            return "the body does not match '\(pattern.pattern)'"
        }
        return nil
    }
}
