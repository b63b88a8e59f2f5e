package import WeirJSON
package import WeirSDK

/// The stream that a sink makes where there is none.
package struct StreamSettings: Sendable, Equatable {
    package var name: String
    package var subjects: [String]
    package var retention: String
    package var replicas: Int
    package var maxBytes: Int
    package var maxAge: Duration
    package var duplicateWindow: Duration

    /// A full stream refuses what is new (and the sink holds it) rather than delete what nobody has
    /// read.
    package var request: JSONValue {
        func nanoseconds(_ duration: Duration) -> JSONValue {
            .integer(Int64(clamping: duration.clampedNanoseconds))
        }
        // A window beyond the age of messages is an error of the server's.
        let window = maxAge == .zero ? duplicateWindow : min(maxAge, duplicateWindow)
        return .object([
            JSONMember("name", .string(name)),
            JSONMember("subjects", .array(subjects.map { .string($0) })),
            JSONMember("retention", .string(retention)), JSONMember("storage", .string("file")),
            JSONMember("discard", .string("new")),
            JSONMember("num_replicas", .integer(Int64(replicas))),
            JSONMember("max_bytes", .integer(maxBytes > 0 ? Int64(maxBytes) : -1)),
            JSONMember("max_age", nanoseconds(maxAge)),
            JSONMember("duplicate_window", nanoseconds(window)),
        ])
    }

    /// Makes it, unless there is one of this name, which stays as it is.
    func ensure(_ connection: NatsConnection, deadline: Deadline) throws(ComponentError) -> Bool {
        let info = try connection.ask("STREAM.INFO.\(name)", nil, deadline: deadline)
        guard let failure = info.failure else { return false }
        guard failure.number == JetStreamReply.Failure.streamNotFound else {
            throw .retry("stream \(name): \(failure)")
        }
        let made = try connection.ask("STREAM.CREATE.\(name)", request, deadline: deadline)
        if let failure = made.failure {
            // Somebody else made it meanwhile.
            if failure.number == JetStreamReply.Failure.streamNameInUse { return false }
            throw .retry("the stream \(name) cannot be made: \(failure)")
        }
        return true
    }
}

/// Names that go into subjects of the API.
package enum NatsNames {
    /// Says what is wrong with the name of a stream or consumer.
    package static func check(_ name: String, _ setting: String) throws(ComponentError) {
        let isBad = name.utf8.contains { $0 <= 0x20 || $0 == 0x7f || ".*>/\\".utf8.contains($0) }
        if name.isEmpty || isBad {
            throw .invalid(
                "\(setting): found \(name.debugDescription), expected a name without spaces, dots, *, >, "
                    + "/ and \\")
        }
    }

    /// Says what is wrong with a subject.
    ///
    /// - Parameter placeholders: what has been replaced in it; `nil`: nothing is.
    package static func check(
        subject: String, _ setting: String, allowsWildcards: Bool, placeholders: String? = nil
    ) throws(ComponentError) {
        // Servers take braces, and nobody means them.
        if let start = subject.firstIndex(where: { $0 == "{" || $0 == "}" }) {
            let rest = subject[start...]
            let found = rest[...(rest.firstIndex(of: "}") ?? rest.index(before: rest.endIndex))]
            throw .invalid(
                "\(setting): found \(found) in it, expected "
                    + (placeholders.map { "no placeholder but \($0): mend or leave out \(found)" }
                        ?? "no placeholder, as nothing is put in here: name the subject, or write *")
            )
        }
        let tokens = subject.split(separator: ".", omittingEmptySubsequences: false)
        let isBad = tokens.contains { token in
            token.isEmpty || token.utf8.contains { $0 <= 0x20 || $0 == 0x7f }
                || !allowsWildcards && token.contains { $0 == "*" || $0 == ">" }
        }
        if isBad || subject.hasPrefix("$") {
            throw .invalid(
                "\(setting): found \(subject.debugDescription), expected words with dots between them, as "
                    + (allowsWildcards ? "weir.*" : "weir.logs"))
        }
    }
}
