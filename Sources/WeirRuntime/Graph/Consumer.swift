import CWeir

/// What a batch can be handed to: a processor, a connector or a sink.
protocol Consumer: AnyObject, Sendable {
    /// Whether what becomes of a batch here is of interest to its sender: not behind `required:
    /// false`, where everything is taken, and what there is no room for is dropped.
    var isRequired: Bool { get }

    /// For how long its senders are to wait for room, in nanoseconds.
    var patience: UInt64 { get }

    /// WEIR_OK: it is now responsible for the batch. Otherwise nothing was taken.
    func take(_ batch: HostBatch, error: UnsafeMutablePointer<weir_error>) -> weir_status

    /// Whether it would take such a batch now; fills in the error if not.
    func wouldTake(_ batch: HostBatch, error: UnsafeMutablePointer<weir_error>) -> weir_status

    /// Counts a batch as taken and dropped in the same moment; nobody waits for it.
    func drop(_ batch: HostBatch, reason: String)
}

extension Consumer {
    var patience: UInt64 { 0 }
}
