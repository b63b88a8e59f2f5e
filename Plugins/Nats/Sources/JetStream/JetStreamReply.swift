package import WeirJSON
package import WeirSDK

/// What JetStream says: JSON, with an error in it or without.
package struct JetStreamReply: Sendable, Equatable {
    package struct Failure: Sendable, Equatable {
        /// As in HTTP: 400, 404, 503.
        package var code: Int
        /// Which one of many: 10059 is a stream that is not there.
        package var number: Int
        package var text: String
    }

    package var json: JSONValue
    package var failure: Failure?

    package init(_ message: Message) throws(ComponentError) {
        if message.headers.status == 503 {
            throw .retry("nothing answers: JetStream is off for this account, or has no leader now")
        }
        guard let json = try? JSONValue(parsing: message.payload), json.objectValue != nil else {
            throw .retry("JetStream's answer is not JSON")
        }
        self.json = json
        guard let error = json["error"], error != .null else { return }
        failure = Failure(
            code: Int(error["code"]?.integerValue ?? 500),
            number: Int(error["err_code"]?.integerValue ?? 0),
            text: String((error["description"]?.stringValue ?? "no reason is given").prefix(200)))
    }
}

extension JetStreamReply.Failure: CustomStringConvertible {
    package var description: String { "\(text) (\(code), \(number))" }

    package static let streamNotFound = 10059
    package static let streamNameInUse = 10058
    package static let messageTooLargeForStream = 10054
    /// Its storage is used up, or it has none of this kind.
    package static let limitsOfAccount = [10002, 10120]
}

extension NatsConnection {
    /// One call of JetStream's API.
    func ask(
        _ subject: String, _ request: JSONValue?, deadline: Deadline
    ) throws(ComponentError) -> JetStreamReply {
        try JetStreamReply(
            try self.request(
                "$JS.API." + subject, request?.serializedBytes() ?? [], deadline: deadline))
    }
}
