package import WeirJSON

/// One fault in a configuration: where it is, what was found, what was expected, what to do.
///
/// No field ever holds a secret: values that came from a variable or that stand under a secret key
/// are shown as `<redacted>`, the excerpt included.
package struct Diagnostic: Sendable, Equatable {
    package var severity: Severity
    package var code: DiagnosticCode
    package var file: String
    /// 1-based.
    package var line: Int
    /// 1-based, in Unicode scalars.
    package var column: Int
    /// The key's path, such as `receivers.otlp.protocols.grpc.endpoint`; empty for a whole file.
    package var path: String
    package var message: String
    package var found: String?
    package var expected: String?
    package var suggestion: String?
    /// The source line with secrets masked, and the columns to underline in it.
    package var excerpt: Excerpt?

    package struct Excerpt: Sendable, Equatable {
        package var text: String
        /// 0-based offset of the caret in `text`.
        package var offset: Int
        package var length: Int
    }
}

extension Diagnostic {
    /// The form for machines: `weir validate --format json`.
    package var json: JSONValue {
        var members = [
            JSONMember("severity", .string(severity.rawValue)),
            JSONMember("code", .string(code.rawValue)),
            JSONMember("file", .string(file)),
            JSONMember("line", .integer(Int64(line))),
            JSONMember("column", .integer(Int64(column))),
            JSONMember("path", .string(path)),
            JSONMember("message", .string(message)),
        ]
        let optional = [("found", found), ("expected", expected), ("suggestion", suggestion)]
        for case (let key, let text?) in optional {
            members.append(JSONMember(key, .string(text)))
        }
        return .object(members)
    }
}

/// Where something stands in the sources, for people.
package struct SourcePosition: Sendable, Equatable, CustomStringConvertible {
    package var file: String
    package var line: Int
    package var column: Int

    package var description: String { "\(file):\(line):\(column)" }
}
