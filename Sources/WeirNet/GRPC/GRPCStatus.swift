package import NIOCore

/// The outcome of a gRPC call.
package struct GRPCStatus: Error, Sendable, Equatable {
    package var code: GRPCCode
    package var message: String
    /// Travels as `google.rpc.RetryInfo`.
    package var retryDelay: TimeAmount?

    package init(_ code: GRPCCode, _ message: String = "", retryDelay: TimeAmount? = nil) {
        self.code = code
        self.message = message
        self.retryDelay = retryDelay
    }

    package static let ok = GRPCStatus(.ok)
}

/// The percent-encoding of `grpc-message`: all but space to tilde, and the percent sign itself.
enum GRPCMessage {
    private static func isPlain(_ byte: UInt8) -> Bool {
        byte >= 0x20 && byte <= 0x7E && byte != UInt8(ascii: "%")
    }

    static func encode(_ message: String) -> String {
        if message.utf8.allSatisfy(isPlain) { return message }
        return PercentEncoding.encode(message[...], keeping: isPlain)
    }

    /// Never fails: what is not an escape stays as it is.
    static func decode(_ text: String) -> String {
        guard text.utf8.contains(UInt8(ascii: "%")) else { return text }
        return PercentEncoding.decode(text[...])
    }
}
