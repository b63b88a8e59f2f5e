import WeirSDK

/// The discoverers of a receiver: jobs that look for the same things share one.
///
/// ```swift
/// let discovery = Discovery(host: host)
/// try discovery.add(job.discovery) { groups in ... }   // once per job
/// try discovery.start()
/// discovery.stop()
/// ```
final class Discovery: Sendable {
    /// One way of finding targets, for status pages.
    struct Status: Sendable {
        /// `file_sd_configs[0]`
        var name: String
        var groups: Int
        var targets: Int
        var failures: Int
        /// Why the last attempt failed; empty if it did not.
        var lastError: String
    }

    init(host: Host) {}

    /// Adds a job. Its `update` is as in ``Discoverer``, but called once for each of its ways of
    /// finding targets, one at a time; sources are unique within the job.
    func add(
        _ config: DiscoveryConfig, _ update: @escaping @Sendable ([TargetGroup]) -> Void
    ) throws(ComponentError) {}

    func start() throws(ComponentError) {}

    /// Ends all of them; no update comes after it has returned.
    func stop() {}

    var status: [Status] { [] }
}
