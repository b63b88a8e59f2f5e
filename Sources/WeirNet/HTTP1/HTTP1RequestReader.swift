import NIOCore

/// Cuts what one HTTP/1.1 connection brings into requests, without copying bodies.
///
/// A violation ends it: nothing after it can be told apart any more.
struct HTTP1RequestReader {
    enum Part {
        case head(HTTP1RequestHead)
        /// A piece of the body, as it came; shares its storage with what was read.
        case body(ByteBuffer)
        case end
    }

    private enum State {
        case head
        case body(left: Int)
        case chunkSize
        case chunk(left: Int)
        case chunkEnd
        case trailers
        case end
        /// No request follows: what still comes is not looked at.
        case finished
    }

    private var state = State.head
    /// What has come and is not yet used.
    private var input = ByteBuffer()
    /// How much of `input` was searched for the end of a header, and where its last line begins.
    private var searched = 0
    private var lineStart = 0
    private var trailerBytes = 0
    private var keepsAlive = true
    private var memory = HTTP1HeadMemory()
    private let maxHeaderBytes: Int

    init(maxHeaderBytes: Int) { self.maxHeaderBytes = maxHeaderBytes }

    mutating func append(_ bytes: ByteBuffer) {
        if case .finished = state { return }
        if input.readableBytes == 0 {
            input = bytes
        } else {
            input.writeImmutableBuffer(bytes)
        }
    }

    /// The next part; `nil` until more has come.
    mutating func next() throws(HTTP1Violation) -> Part? {
        while true {
            switch state {
            case .head:
                guard let head = try takeNextHead() else { return nil }
                keepsAlive = head.keepsAlive
                switch head.framing {
                case .length(0): state = .end
                case .length(let length): state = .body(left: length)
                case .chunked: state = .chunkSize
                }
                return .head(head)
            case .body(let left):
                guard let piece = takePiece(left) else { return nil }
                let rest = left - piece.readableBytes
                state = rest == 0 ? .end : .body(left: rest)
                return .body(piece)
            case .chunkSize:
                guard let size = try takeChunkSize() else { return nil }
                state = size == 0 ? .trailers : .chunk(left: size)
            case .chunk(let left):
                guard let piece = takePiece(left) else { return nil }
                let rest = left - piece.readableBytes
                state = rest == 0 ? .chunkEnd : .chunk(left: rest)
                return .body(piece)
            case .chunkEnd:
                guard let line = try takeLine() else { return nil }
                guard line.readableBytes == 2 else {
                    throw HTTP1Violation("a chunk is longer than its size says")
                }
                state = .chunkSize
            case .trailers:
                guard try skipTrailers() else { return nil }
                state = .end
            case .end:
                state = keepsAlive ? .head : .finished
                if !keepsAlive { input = ByteBuffer() }
                return .end
            case .finished:
                return nil
            }
        }
    }

    private mutating func takeNextHead() throws(HTTP1Violation) -> HTTP1RequestHead? {
        if searched == 0, let known = memory.take(from: &input) { return alone(known) }
        guard let text = try takeHead() else { return nil }
        let head = try HTTP1RequestHead(text)
        memory.keep(head, text)
        return alone(head)
    }

    /// A body that is not all here gets storage of its own. A header that shared that of a whole read
    /// would hold it as long as the request waits.
    private func alone(_ head: HTTP1RequestHead) -> HTTP1RequestHead {
        if case .length(let length) = head.framing, length <= input.readableBytes { return head }
        return head.moved(
            to: ByteBuffer(bytes: head.fields.text.readableBytesView), length: nil)
    }

    private mutating func takePiece(_ left: Int) -> ByteBuffer? {
        let count = min(left, input.readableBytes)
        guard count > 0 else { return nil }
        guard count == input.readableBytes else { return input.readSlice(length: count) }
        // All of it: what is read next may use the storage again.
        defer { input = ByteBuffer() }
        return input
    }

    /// A header, from its first line to the empty one; empty lines before it are passed over.
    private mutating func takeHead() throws(HTTP1Violation) -> ByteBuffer? {
        while let lineEnd = firstLF(from: searched) {
            guard lineEnd > lineStart, byte(lineEnd - 1) == Byte.cr else {
                throw HTTP1Violation("a line of the header ends with LF alone, expected CR LF")
            }
            let isEmpty = lineEnd - 1 == lineStart
            searched = lineEnd + 1
            lineStart = searched
            guard searched <= maxHeaderBytes else { throw .tooLong }
            guard isEmpty else { continue }
            let text = input.readSlice(length: searched)
            (searched, lineStart) = (0, 0)
            if let text, text.readableBytes > 2 { return text }
        }
        searched = input.readableBytes
        guard searched <= maxHeaderBytes else { throw .tooLong }
        return nil
    }

    private func firstLF(from start: Int) -> Int? {
        let bytes = input.readableBytesUInt8Span
        var at = start
        while at < bytes.count {
            if bytes[at] == Byte.lf { return at }
            at += 1
        }
        return nil
    }

    private func byte(_ index: Int) -> UInt8 { input.readableBytesUInt8Span[index] }

    /// One line with its CR LF; `nil` until it is whole.
    private mutating func takeLine() throws(HTTP1Violation) -> ByteBuffer? {
        guard let end = firstLF(from: 0) else {
            guard input.readableBytes <= Self.maxChunkLine else {
                throw HTTP1Violation(
                    "a line between chunks is longer than \(Self.maxChunkLine) bytes")
            }
            return nil
        }
        guard end > 0, byte(end - 1) == Byte.cr else {
            throw HTTP1Violation("a line between chunks ends with LF alone, expected CR LF")
        }
        return input.readSlice(length: end + 1)
    }

    private static let maxChunkLine = 1024

    /// The number at the start of a chunk; extensions after a semicolon mean nothing here.
    private mutating func takeChunkSize() throws(HTTP1Violation) -> Int? {
        guard let line = try takeLine() else { return nil }
        let bytes = line.readableBytesUInt8Span
        var size = 0
        var at = 0
        while let digit = bytes[at].hexDigit {
            guard at < 15 else { throw HTTP1Violation("the size of a chunk has over 15 digits") }
            size = size << 4 | digit
            at += 1
        }
        while bytes[at] == Byte.space || bytes[at] == Byte.tab { at += 1 }
        guard at > 0, bytes[at] == Byte.cr || bytes[at] == Byte.semicolon,
            bytes[0].hexDigit != nil
        else {
            throw HTTP1Violation("a chunk does not begin with its size in hexadecimal digits")
        }
        return size
    }

    /// Trailers are read and forgotten: none means anything here.
    private mutating func skipTrailers() throws(HTTP1Violation) -> Bool {
        while let line = try takeLine() {
            if line.readableBytes == 2 {
                trailerBytes = 0
                return true
            }
            trailerBytes += line.readableBytes
            guard trailerBytes <= maxHeaderBytes else { throw .tooLong }
        }
        return false
    }
}
