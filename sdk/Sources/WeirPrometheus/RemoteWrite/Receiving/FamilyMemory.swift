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

        var size: Int { help.utf8.count + unit.utf8.count }
    }

    private struct Known {
        var families: [String: Family] = [:]
        /// Bytes of all texts.
        var size = 0
    }

    private let limit: Int
    private let sizeLimit: Int
    private let known = Mutex(Known())

    /// - Parameters:
    ///   - limit: how many families are remembered at most.
    ///   - sizeLimit: bytes that their texts may have in all.
    public init(limit: Int = 20_000, sizeLimit: Int = 16 << 20) {
        self.limit = limit
        self.sizeLimit = sizeLimit
    }

    /// How many families are known.
    public var count: Int { known.withLock { $0.families.count } }

    func remember(_ name: String, _ family: Family) {
        known.withLock { known in
            let old = known.families[name]
            if old == family { return }
            let more = family.size - (old?.size ?? -name.utf8.count)
            if known.families.count >= limit && old == nil || known.size + more > sizeLimit {
                known = Known()
                guard name.utf8.count + family.size <= sizeLimit else { return }
                known.size = name.utf8.count + family.size
            } else {
                known.size += more
            }
            known.families[name] = family
        }
    }

    func family(_ name: String) -> Family? { known.withLock { $0.families[name] } }
}
