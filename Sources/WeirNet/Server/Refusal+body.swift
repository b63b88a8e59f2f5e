import NIOCore

extension Refusal {
    /// The body of an HTTP answer: a `google.rpc.Status` in the encoding of the request, as OTLP
    /// has it, for clients that speak protobuf or JSON; text for all others. Senders of remote write
    /// are among those: theirs is protobuf, too, and they log the answer as text.
    func body(answering head: RequestHead) -> (type: String, bytes: ByteBuffer) {
        let contentType = head.headers.first("content-type") ?? ""
        return body(answering: head.isRemoteWrite ? "" : contentType)
    }

    /// The same for a content type alone.
    func body(answering contentType: String) -> (type: String, bytes: ByteBuffer) {
        let type = contentType.prefix { $0 != ";" && $0 != " " }.lowercased()
        switch type {
        case "application/x-protobuf":
            return (type, ByteBuffer(bytes: GRPCStatusDetails.encode(GRPCStatus(code, message))))
        case "application/json":
            var text = "{\"code\":\(code.rawValue),\"message\":\""
            for scalar in message.unicodeScalars {
                switch scalar {
                case "\"", "\\": text += "\\\(scalar)"
                case "\u{0}"..."\u{1f}":
                    text += scalar.value < 16 ? "\\u000" : "\\u00"
                    text += String(scalar.value, radix: 16)
                default: text.unicodeScalars.append(scalar)
                }
            }
            return (type, ByteBuffer(string: text + "\"}"))
        default: return ("text/plain", ByteBuffer(string: message + "\n"))
        }
    }
}

extension RequestHead {
    /// Whether a sender of Prometheus remote write sent it. All say so in a header or as parameter of
    /// the content type, but for a few that are known by their encoding, wherever they send to: what
    /// speaks OTLP seldom packs with snappy, and names its signal at the end of the path.
    fileprivate var isRemoteWrite: Bool {
        if headers.first("x-prometheus-remote-write-version") != nil { return true }
        if headers.first("content-type")?.contains("proto=") == true { return true }
        guard headers.first("content-encoding") == "snappy" else { return false }
        let last = path.split(separator: "/").last ?? ""
        return !["traces", "metrics", "logs", "profiles"].contains(last)
    }
}
