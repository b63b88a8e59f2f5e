import NIOCore

/// Takes the length-prefixed messages of a gRPC stream out of its DATA frames.
struct GRPCMessageReader {
    enum Event {
        /// All bytes are used; more have to come.
        case needsMore
        /// The five bytes before a message are in.
        case prefix(isCompressed: Bool, length: Int)
        /// A message is complete.
        case message(isCompressed: Bool, ByteBuffer)
        /// The compressed flag is neither 0 nor 1.
        case malformed(flag: UInt8)
    }

    /// What a claimed length may reserve before any of its bytes have come.
    static let firstReservation = 1 << 19

    private var prefix: UInt64 = 0
    private var prefixBytes = 0
    private var message: ByteBuffer?
    private var length = 0

    /// Whether the stream may end here.
    var isBetweenMessages: Bool { prefixBytes == 0 }

    mutating func next(_ data: inout ByteBuffer) -> Event {
        if prefixBytes < 5 {
            if prefixBytes == 0, let flag: UInt8 = data.getInteger(at: data.readerIndex),
                let length: UInt32 = data.getInteger(at: data.readerIndex + 1),
                data.readableBytes >= 5
            {
                data.moveReaderIndex(forwardBy: 5)
                return began(flag: flag, length: Int(length))
            }
            while prefixBytes < 5 {
                guard let byte: UInt8 = data.readInteger() else { return .needsMore }
                prefix = prefix << 8 | UInt64(byte)
                prefixBytes += 1
            }
            return began(
                flag: UInt8(truncatingIfNeeded: prefix >> 32),
                length: Int(prefix & 0xFFFF_FFFF))
        }
        if message == nil {
            message = ByteBufferAllocator().buffer(capacity: min(length, Self.firstReservation))
        }
        let missing = length - message!.writerIndex
        if missing > 0 {
            guard data.readableBytes > 0 else { return .needsMore }
            if data.readableBytes <= missing {
                message!.writeBuffer(&data)
            } else {
                message!.writeImmutableBuffer(data.readSlice(length: missing)!)
            }
            guard message!.writerIndex == length else { return .needsMore }
        }
        defer {
            message = nil
            prefixBytes = 0
        }
        return .message(isCompressed: prefix == 1, message!)
    }

    private mutating func began(flag: UInt8, length: Int) -> Event {
        guard flag <= 1 else { return .malformed(flag: flag) }
        prefix = UInt64(flag)
        prefixBytes = 5
        self.length = length
        return .prefix(isCompressed: flag == 1, length: length)
    }
}
