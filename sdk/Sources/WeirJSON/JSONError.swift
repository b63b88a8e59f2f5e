/// Why text is not the JSON that was asked for.
public struct JSONError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The byte, counted from the start of the text.
    public var offset: Int
    /// The way to the value, as in `resourceSpans[0].resource`; empty where it is not known.
    public var path: String
    public var found: String
    public var expected: String

    public init(offset: Int, path: String = "", found: String, expected: String) {
        self.offset = offset
        self.path = path
        self.found = found
        self.expected = expected
    }

    public var description: String {
        "byte \(offset)\(path.isEmpty ? "" : " (\(path))"): found \(found), expected \(expected)"
    }
}
