import WeirSDK

/// Randomness that the kernel has.
struct EntropyCollector: Collector {
    let name = "entropy"

    func collect(_ files: HostFiles, into metrics: inout Metrics) throws(CollectorFailure) {
        for (file, metric) in [("entropy_avail", "available_bits"), ("poolsize", "pool_size_bits")]
        {
            guard let bits = try files.proc("sys/kernel/random/\(file)").trimmed.unsigned else {
                throw .failed("/proc/sys/kernel/random/\(file) is not a number")
            }
            metrics.gauge("node_entropy_\(metric)", help: "Bits of randomness.", bits)
        }
    }
}
