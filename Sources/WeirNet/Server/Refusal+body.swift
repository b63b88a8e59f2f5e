import NIOCore

extension Refusal {
    /// The body of an HTTP answer: a `google.rpc.Status` in the encoding of the request, as OTLP
    /// has it, for clients that speak protobuf or JSON; text for all others.
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
