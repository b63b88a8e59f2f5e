import WeirJSON
import WeirSDK

/// Requests to one server within one collection.
struct VaultServer {
    /// More than the telemetry of any server has.
    private static let maxBody = 32 << 20

    let client: Client
    let namespace: String
    let deadline: Deadline

    /// Without a token: what the server tells everybody.
    func get(_ path: String) throws(ComponentError) -> Answer {
        try client.ask(
            "GET", "/v1/\(path)", headers: [Header("x-vault-request", "true")], deadline: deadline,
            maxBody: VaultServer.maxBody, acceptsCompressed: true)
    }

    func get(_ path: String, token: String?) throws(ComponentError) -> Answer {
        try client.ask(
            "GET", "/v1/\(path)", headers: headers(token), deadline: deadline,
            maxBody: VaultServer.maxBody, acceptsCompressed: true)
    }

    func post(
        _ path: String, token: String? = nil, _ members: [JSONMember]
    ) throws(ComponentError) -> Answer {
        let body = JSONValue.object(members).serialized()
        return try client.ask(
            "POST", "/v1/\(path)",
            headers: headers(token) + [Header("content-type", "application/json")],
            .bytes(Array(body.utf8)), deadline: deadline)
    }

    private func headers(_ token: String?) -> [Header] {
        var headers = [Header("x-vault-request", "true")]
        if !namespace.isEmpty { headers.append(Header("x-vault-namespace", namespace)) }
        if let token { headers.append(Header("x-vault-token", token)) }
        return headers
    }

    /// The body of a 200 as JSON.
    static func json(_ answer: Answer, of path: String) throws(ComponentError) -> JSONValue {
        guard answer.code == 200 else { throw refusal(answer, of: path) }
        do {
            return try JSONValue(parsing: answer.body)
        } catch {
            throw .refused("\(path) answered with something that is not JSON: \(error)")
        }
    }

    /// The error for an answer that is not what was asked for.
    static func refusal(
        _ answer: Answer, of path: String, advice: String = ""
    ) -> ComponentError {
        let why = advice.isEmpty ? "" : ": \(advice)"
        let found = "\(path) answered \(answer.code)\(reason(answer))\(why)"
        switch answer.code {
        case 300..<400:
            return .refused(
                found + ", a redirect to "
                    + HostSettings.printable(answer.header("location") ?? "nowhere"))
        case 429, 500...: return .retry(after: answer.retryAfter, found)
        default: return .refused(found)
        }
    }

    /// ` (permission denied)`: the errors that Vault gives as JSON.
    static func reason(_ answer: Answer) -> String {
        guard let json = try? JSONValue(parsing: answer.body),
            let errors = json["errors"]?.arrayValue?.compactMap(\.stringValue), !errors.isEmpty
        else { return "" }
        // Vault formats errors over several lines.
        let text = errors.joined(separator: "; ").split { $0.isWhitespace }.joined(separator: " ")
        return " (\(text.prefix(200)))"
    }
}
