import WeirSDK
import WeirTelemetry

/// A batch, or what one part has of it, being taken apart by backend.
struct BatchSplit {
    private let batch: Batch
    private let hasher: RoutingKeyHasher
    private let host: Host
    private let number: UInt32
    private let first: UInt32
    private let isFirst: Bool
    private var unit = 0
    private var leftOut = false
    private var content: [Int: (parts: [Part], items: Int)] = [:]
    private var order: [Int] = []
    /// By the number of the unit, with which part it is.
    private(set) var places: [UInt32]

    /// - Parameters:
    ///   - number: the part that is taken apart: units of others are left out.
    ///   - places: empty: all units are with this part.
    ///   - first: the number of the new part for target 0; others follow.
    init(
        _ batch: Batch, _ hasher: RoutingKeyHasher, _ host: Host, of number: UInt32,
        places: [UInt32], first: UInt32
    ) {
        self.batch = batch
        self.hasher = hasher
        self.host = host
        self.number = number
        self.places = places
        self.first = first
        isFirst = places.isEmpty
    }

    /// - Parameter owner: the target for a hash.
    mutating func run(_ owner: (UInt64) -> Int?) throws(ComponentError) {
        let batch = batch
        for index in 0..<batch.partCount { try add(batch.part(index), index, owner) }
    }

    /// What goes to each target: the batch itself where that is everything.
    func made() throws(ComponentError) -> [(target: Int, batch: Batch)] {
        var result: [(target: Int, batch: Batch)] = []
        for target in order {
            guard let (parts, items) = content[target] else { continue }
            let isAll = order.count == 1 && !leftOut
            result.append(
                (
                    target,
                    isAll ? batch : try host.makeBatch(batch.signal, items: items, parts: parts)
                ))
        }
        return result
    }

    private mutating func add(
        _ bytes: RawSpan, _ index: Int, _ owner: (UInt64) -> Int?
    ) throws(ComponentError) {
        let pieces: [PartitionPiece]
        do throws(WireError) {
            pieces = try partition(bytes, as: batch.signal, by: hasher.key.unit) { place in
                defer { unit += 1 }
                if isFirst { places.append(number) }
                guard unit < places.count, places[unit] == number,
                    let target = owner(hasher.hash(bytes, place))
                else {
                    leftOut = true
                    return nil
                }
                places[unit] = first + UInt32(target)
                return target
            }
        } catch {
            throw .refused("the batch cannot be taken apart: \(error)")
        }
        for piece in pieces {
            // As large as the original is the original.
            let part =
                piece.byteCount == bytes.byteCount
                ? Part(batch, part: index) : Part(try host.makeBuffer(piece, of: bytes))
            if content[piece.target] == nil { order.append(piece.target) }
            content[piece.target, default: ([], 0)].parts.append(part)
            content[piece.target, default: ([], 0)].items += piece.items
        }
    }
}
