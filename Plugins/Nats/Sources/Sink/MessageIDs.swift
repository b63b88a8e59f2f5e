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

    /// Which numbers behind one digest are taken.
    private struct Numbers {
        /// All below it are taken, but for those that are free.
        var next = 0
        /// Of messages of which nobody knows whether they are there: they come again.
        var free: Set<Int> = []
    }

    private let bound: Int
    private var underWay: Set<ID> = []
    /// By digest; two generations, of which the older one is forgotten when the younger is full.
    private var young: [String: Numbers] = [:]
    private var old: [String: Numbers] = [:]

    /// - Parameter bound: digests that are remembered at least.
    package init(bound: Int = 16_384) { self.bound = bound }

    package mutating func take(_ digest: String) -> ID {
        var numbers = young[digest] ?? old[digest] ?? Numbers()
        var id = ID(digest: digest, number: 0)
        if let free = numbers.free.min() {
            numbers.free.remove(free)
            id.number = free
        } else {
            id.number = numbers.next
            // What was forgotten may still be under way.
            while underWay.contains(id) { id.number += 1 }
            numbers.next = id.number + 1
        }
        underWay.insert(id)
        remember(numbers, digest)
        return id
    }

    /// It is there (`true`), or nobody knows, and it will be sent again.
    package mutating func end(_ id: ID, delivered: Bool) {
        underWay.remove(id)
        guard !delivered, var numbers = young[id.digest] ?? old[id.digest] else { return }
        numbers.free.insert(id.number)
        while numbers.next > 0, numbers.free.remove(numbers.next - 1) != nil { numbers.next -= 1 }
        remember(numbers, id.digest)
    }

    private mutating func remember(_ numbers: Numbers, _ digest: String) {
        if young[digest] == nil, young.count >= bound {
            old = young
            young = [:]
        }
        young[digest] = numbers
    }
}
