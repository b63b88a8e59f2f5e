import WeirPrometheus
import WeirSDK

/// Targets that were found together. A later group with the same source replaces this one; one
/// without targets removes it.
struct TargetGroup: Sendable, Equatable {
    /// Unique within one discoverer.
    var source: String
    /// The labels of each target, `__address__` among them.
    var targets: [Labels]
    /// Labels of all targets; a target's own label of the same name wins.
    var labels: Labels

    init(source: String, targets: [Labels] = [], labels: Labels = Labels()) {
        self.source = source
        self.targets = targets
        self.labels = labels
    }
}

/// Finds targets and keeps looking.
///
/// `update` gets the groups that may have changed, many at a time. The first call comes when the
/// first complete look has succeeded, even if it found nothing; until then nothing is known. What
/// fails later changes nothing: the last known groups stand. Calls come one at a time, on any
/// thread, and possibly from within `start`.
protocol Discoverer: AnyObject, Sendable {
    /// Begins. Throws for settings that can never work (a missing file of authorities, say).
    func start(_ update: @escaping @Sendable ([TargetGroup]) -> Void) throws(ComponentError)
    /// Ends. A call of `update` that is under way may still be running when this returns.
    func stop()
}
