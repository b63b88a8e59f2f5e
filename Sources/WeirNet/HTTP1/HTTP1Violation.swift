/// What a peer sent is not HTTP/1.1 as RFC 9112 has it, or more than is allowed.
struct HTTP1Violation: Error, Equatable {
    /// The header went on beyond its limit.
    var isTooLong = false
    /// What was found, and what was expected.
    var message: String

    init(_ message: String) { self.message = message }

    static let tooLong: HTTP1Violation = {
        var violation = HTTP1Violation("the header is too long")
        violation.isTooLong = true
        return violation
    }()
}
