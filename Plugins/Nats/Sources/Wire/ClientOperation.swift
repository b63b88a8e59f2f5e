import WeirSDK

/// What a client says.
enum ClientOperation {
    static let ping = Array("PING\r\n".utf8)
    static let pong = Array("PONG\r\n".utf8)

    static func subscribe(_ subject: String, _ id: Int) -> [UInt8] {
        Array("SUB \(subject) \(id)\r\n".utf8)
    }

    static func publish(_ subject: String, reply: String? = nil, _ payload: [UInt8]) -> [UInt8] {
        let reply = reply.map { $0 + " " } ?? ""
        return Array("PUB \(subject) \(reply)\(payload.count)\r\n".utf8) + payload + lineEnd
    }

    static func publish(
        _ subject: String, reply: String, headers: [UInt8], _ payload: [UInt8]
    ) -> [UInt8] {
        let total = headers.count + payload.count
        let line = "HPUB \(subject) \(reply) \(headers.count) \(total)\r\n"
        var bytes: [UInt8] = []
        bytes.reserveCapacity(line.utf8.count + total + 2)
        bytes += line.utf8
        bytes += headers
        bytes += payload
        bytes += lineEnd
        return bytes
    }

    private static let lineEnd = Array("\r\n".utf8)
}
