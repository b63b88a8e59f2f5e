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
    private static let hex: [UInt8] = Array("0123456789ABCDEF".utf8)

    private static func isPlain(_ byte: UInt8) -> Bool {
        byte >= 0x20 && byte <= 0x7E && byte != UInt8(ascii: "%")
    }

    static func encode(_ message: String) -> String {
        if message.utf8.allSatisfy(isPlain) { return message }
        var out: [UInt8] = []
        for byte in message.utf8 {
            if isPlain(byte) {
                out.append(byte)
            } else {
                out += [UInt8(ascii: "%"), hex[Int(byte >> 4)], hex[Int(byte & 15)]]
            }
        }
        return String(decoding: out, as: UTF8.self)
    }

    /// Never fails: what is not an escape stays as it is.
    static func decode(_ text: String) -> String {
        guard text.utf8.contains(UInt8(ascii: "%")) else { return text }
        let bytes = Array(text.utf8)
        var out: [UInt8] = []
        var index = 0
        while index < bytes.count {
            if bytes[index] == UInt8(ascii: "%"), index + 2 < bytes.count,
                let high = digit(bytes[index + 1]), let low = digit(bytes[index + 2])
            {
                out.append(high << 4 | low)
                index += 3
            } else {
                out.append(bytes[index])
                index += 1
            }
        }
        return String(decoding: out, as: UTF8.self)
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): return byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): return byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): return byte - UInt8(ascii: "A") + 10
        default: return nil
        }
    }
}
