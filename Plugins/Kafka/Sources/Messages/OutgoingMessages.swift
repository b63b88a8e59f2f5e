import WeirSDK
import WeirTelemetry

/// One message as it goes to librdkafka, which does not copy it: whoever holds this holds its bytes.
struct OutgoingMessage: Sendable {
    private enum Storage: Sendable {
        /// The only part of a batch.
        case batch(Batch)
        case buffer(Buffer, Range<Int>)
    }

    /// Empty: it has none.
    let key: [UInt8]
    private let storage: Storage

    private init(key: [UInt8], _ storage: Storage) {
        self.key = key
        self.storage = storage
    }

    var byteCount: Int {
        switch storage {
        case .batch(let batch): batch.byteCount
        case .buffer(_, let range): range.count
        }
    }

    /// Its bytes, which stay where they are until the last copy of this message is gone.
    @unsafe var bytes: UnsafeRawBufferPointer {
        switch storage {
        case .batch(let batch): unsafe batch.part(0).withUnsafeBytes { unsafe $0 }
        case .buffer(let buffer, let range):
            unsafe buffer.bytes.withUnsafeBytes {
                unsafe UnsafeRawBufferPointer(rebasing: $0[range])
            }
        }
    }

    /// Spans, data points or log records in it.
    func items(_ signal: Signal, _ encoding: MessageEncoding) -> Int {
        if case .batch(let batch) = storage { return batch.items }
        let copy = unsafe Array(bytes)
        switch encoding {
        case .proto: return (try? scan(copy, as: signal).items) ?? 0
        case .json:
            guard let request = try? unsafe protobuf(fromJSON: copy.span.bytes, as: signal) else {
                return 0
            }
            return (try? scan(request, as: signal).items) ?? 0
        }
    }

    /// The messages of a batch: one, or one for each key. A batch of one part that is one message in
    /// protobuf is not copied; everything else is one buffer of the host's.
    static func all(
        of batch: Batch, _ partitioning: Partitioning, _ encoding: MessageEncoding, _ host: Host
    ) throws(ComponentError) -> [OutgoingMessage] {
        var partitioning = partitioning
        if partitioning == .traceID, batch.signal == .metrics { partitioning = .none }
        var requests: [(key: [UInt8], bytes: [UInt8])]
        if partitioning == .none {
            if encoding == .proto {
                if batch.partCount == 1 { return [OutgoingMessage(key: [], .batch(batch))] }
                return [try joined(batch, host)]
            }
            requests = [([], batch.copyBytes())]
        } else {
            var keyed = KeyedRequests(partitioning, batch.signal)
            do throws(WireError) {
                for index in 0..<batch.partCount { try keyed.add(batch.part(index)) }
            } catch {
                throw .refused("the batch cannot be taken apart: \(error)")
            }
            requests = keyed.finish()
        }
        if encoding == .json {
            for index in requests.indices {
                let bytes = requests[index].bytes
                do throws(WireError) {
                    requests[index].bytes = try unsafe json(bytes.span.bytes, as: batch.signal)
                } catch {
                    throw .refused("the batch cannot be written as JSON: \(error)")
                }
            }
        }
        return try stored(requests, host)
    }

    private static func joined(
        _ batch: Batch, _ host: Host
    ) throws(ComponentError) -> OutgoingMessage {
        var buffer = try host.makeBuffer(length: batch.byteCount)
        var offset = 0
        for index in 0..<batch.partCount {
            buffer.write(batch.part(index), at: offset)
            offset += batch.part(index).byteCount
        }
        return OutgoingMessage(key: [], .buffer(buffer.freeze(), 0..<offset))
    }

    private static func stored(
        _ requests: [(key: [UInt8], bytes: [UInt8])], _ host: Host
    ) throws(ComponentError) -> [OutgoingMessage] {
        var buffer = try host.makeBuffer(length: requests.reduce(0) { $0 + $1.bytes.count })
        var ranges: [Range<Int>] = []
        var offset = 0
        for request in requests {
            unsafe buffer.write(request.bytes.span.bytes, at: offset)
            ranges.append(offset..<offset + request.bytes.count)
            offset += request.bytes.count
        }
        let whole = buffer.freeze()
        return zip(requests, ranges).map { OutgoingMessage(key: $0.key, .buffer(whole, $1)) }
    }
}
