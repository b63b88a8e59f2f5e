/// What goes between a plugin and its worker: messages of a length (four bytes, little-endian) and
/// so many bytes of JSON, over one stream socket.
package enum WorkerWire {
    /// The descriptor under which a worker finds its socket.
    package static let descriptor: Int32 = 3
    /// The variable that tells a worker that it was started by a plugin, and which form of messages
    /// that plugin knows.
    package static let variable = "WEIR_WORKER"
    package static let version = "1"
    /// No message is longer: beyond it, one side has gone mad.
    package static let longest = 16 << 20

    package static func frame(_ body: [UInt8]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(body.count + 4)
        let length = UInt32(body.count)
        for shift in stride(from: 0, to: 32, by: 8) { bytes.append(UInt8(length >> shift & 255)) }
        bytes += body
        return bytes
    }

    /// The length of the message at the start of `bytes`; `nil`: not all four bytes are there.
    package static func length(_ bytes: [UInt8]) -> Int? {
        guard bytes.count >= 4 else { return nil }
        return (0..<4).reduce(0) { $0 | Int(bytes[$1]) << (8 * $1) }
    }
}
