/// Ids by which JetStream knows a message that it has already (Nats-Msg-Id).
///
/// An id is the digest of the content, so that it is the same when a batch is sent again, also by
/// the next process. Two batches may have the same content and be two batches all the same: who
/// comes while another is under way, or after it was delivered, gets the next number behind the
/// digest.
package struct MessageIDs: Sendable {
    package struct ID: Hashable, Sendable {
        package var digest: String
        package var number: Int

        package var text: String { number == 0 ? digest : "\(digest)-\(number)" }
    }

    private let bound: Int
    private var underWay: Set<ID> = []
    /// Delivered; two generations, of which the older one is forgotten when the younger is full.
    private var young: Set<ID> = []
    private var old: Set<ID> = []

    /// - Parameter bound: ids that are remembered at least.
    package init(bound: Int = 16_384) { self.bound = bound }

    package mutating func take(_ digest: String) -> ID {
        var id = ID(digest: digest, number: 0)
        while underWay.contains(id) || young.contains(id) || old.contains(id) { id.number += 1 }
        underWay.insert(id)
        return id
    }

    /// It is there (`true`), or nobody knows, and it will be sent again.
    package mutating func end(_ id: ID, delivered: Bool) {
        underWay.remove(id)
        guard delivered else { return }
        if young.count >= bound {
            old = young
            young = []
        }
        young.insert(id)
    }
}
