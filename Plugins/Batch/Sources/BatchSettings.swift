import WeirSDK

/// The Collector's settings of the same names, and a bound on bytes.
struct BatchSettings: Decodable, Sendable {
    var timeout: Duration
    var sendBatchSize: Int
    var sendBatchMaxSize: Int
    var maxHeldBytes: ByteCount
    var metadataKeys: [String]
    var metadataCardinalityLimit: Int

    func validate() throws(ComponentError) {
        if timeout < .zero || sendBatchSize < 0 || sendBatchMaxSize < 0 {
            throw .invalid("batch: timeout and sizes may not be negative")
        }
        if maxHeldBytes.bytes <= 0 {
            throw .invalid(
                "batch: max_held_bytes is \(maxHeldBytes.bytes), expected more than 0, as 64MiB")
        }
        if sendBatchMaxSize > 0 && sendBatchMaxSize < sendBatchSize {
            throw .invalid(
                "batch: send_batch_max_size is \(sendBatchMaxSize), expected 0 or at least "
                    + "send_batch_size, which is \(sendBatchSize)")
        }
        if !metadataKeys.isEmpty {
            throw .unsupported(
                "batch: metadata_keys has \(metadataKeys.count) keys; batching by client metadata "
                    + "is not there, leave the list empty")
        }
    }
}
