import NIOCore

/// The nine bytes before every frame (RFC 9113, section 4.1).
struct HTTP2FrameHeader: Equatable {
    static let size = 9

    var length: Int
    var type: UInt8
    var flags: UInt8
    var stream: UInt32

    init(length: Int, type: UInt8, flags: UInt8, stream: UInt32) {
        self.length = length
        self.type = type
        self.flags = flags
        self.stream = stream
    }

    /// `nil` when fewer than nine bytes are there; moves the reader over them otherwise.
    init?(reading bytes: inout ByteBuffer) {
        guard bytes.readableBytes >= Self.size,
            let word: UInt64 = bytes.readInteger(), let last: UInt8 = bytes.readInteger()
        else { return nil }
        length = Int(word >> 40)
        type = UInt8(truncatingIfNeeded: word >> 32)
        flags = UInt8(truncatingIfNeeded: word >> 24)
        stream = (UInt32(truncatingIfNeeded: word) & 0x7F_FFFF) << 8 | UInt32(last)
    }

    func write(to out: inout ByteBuffer) {
        let word =
            UInt64(length) << 40 | UInt64(type) << 32 | UInt64(flags) << 24 | UInt64(stream >> 8)
        out.writeMultipleIntegers(word, UInt8(truncatingIfNeeded: stream))
    }
}

enum HTTP2FrameType {
    static let data: UInt8 = 0
    static let headers: UInt8 = 1
    static let priority: UInt8 = 2
    static let reset: UInt8 = 3
    static let settings: UInt8 = 4
    static let pushPromise: UInt8 = 5
    static let ping: UInt8 = 6
    static let goAway: UInt8 = 7
    static let windowUpdate: UInt8 = 8
    static let continuation: UInt8 = 9
}

enum HTTP2Flag {
    static let endStream: UInt8 = 0x1
    static let ack: UInt8 = 0x1
    static let endHeaders: UInt8 = 0x4
    static let padded: UInt8 = 0x8
    static let priority: UInt8 = 0x20
}

enum HTTP2Setting {
    static let headerTableSize: UInt16 = 1
    static let enablePush: UInt16 = 2
    static let maxConcurrentStreams: UInt16 = 3
    static let initialWindowSize: UInt16 = 4
    static let maxFrameSize: UInt16 = 5
    static let maxHeaderListSize: UInt16 = 6
}

/// A violation of the protocol: of the whole connection, or of one stream.
enum HTTP2Violation: Error, Equatable {
    case connection(HTTP2Code, String)
    case stream(UInt32, HTTP2Code)
}
