import Synchronization

/// What senders of remote write 1.0 said about metric families, which they do now and then and not
/// with the samples.
///
/// Bounded: when it is full it begins anew, because senders repeat all of it every minute. Any
/// thread may use it.
public final class FamilyMemory: Sendable {
    struct Family: Sendable, Equatable {
        var type: MetricType
        var help: String
        var unit: String
    }

    private let limit: Int
    private let families = Mutex<[String: Family]>([:])

    public init(limit: Int = 20_000) { self.limit = limit }

    /// How many families are known.
    public var count: Int { families.withLock { $0.count } }

    func remember(_ name: String, _ family: Family) {
        families.withLock { families in
            if families[name] == family { return }
            if families.count >= limit, families[name] == nil { families = [:] }
            families[name] = family
        }
    }

    func family(_ name: String) -> Family? { families.withLock { $0[name] } }
}
