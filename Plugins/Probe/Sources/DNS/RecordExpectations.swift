import WeirSDK

/// What a module expects of one section of an answer.
struct RecordExpectations: Sendable {
    private let failIfMatches: [RegularExpression]
    private let failIfAllMatch: [RegularExpression]
    private let failIfNotMatches: [RegularExpression]
    private let failIfNoneMatches: [RegularExpression]

    init(
        _ settings: RecordSettings?, _ key: String, _ compiler: PatternCompiler
    ) throws(ComponentError) {
        failIfMatches = try compiler.all(
            settings?.failIfMatchesRegexp, key + ".fail_if_matches_regexp")
        failIfAllMatch = try compiler.all(
            settings?.failIfAllMatchRegexp, key + ".fail_if_all_match_regexp")
        failIfNotMatches = try compiler.all(
            settings?.failIfNotMatchesRegexp, key + ".fail_if_not_matches_regexp")
        failIfNoneMatches = try compiler.all(
            settings?.failIfNoneMatchesRegexp, key + ".fail_if_none_matches_regexp")
    }

    func problem(_ records: [DNSMessage.Record], _ section: String) -> String? {
        guard !records.isEmpty || !failIfNoneMatches.isEmpty else { return nil }
        for record in records {
            for pattern in failIfMatches where pattern.isFound(in: record.text) {
                return "a record of the \(section) matches '\(pattern.pattern)'"
            }
            for pattern in failIfNotMatches where !pattern.isFound(in: record.text) {
                return "a record of the \(section) does not match '\(pattern.pattern)'"
            }
        }
        for pattern in failIfAllMatch where records.allSatisfy({ pattern.isFound(in: $0.text) }) {
            return "all records of the \(section) match '\(pattern.pattern)'"
        }
        for pattern in failIfNoneMatches
        where !records.contains(where: { pattern.isFound(in: $0.text) }) {
            return "no record of the \(section) matches '\(pattern.pattern)'"
        }
        return nil
    }
}
