import Testing
import WeirTelemetry

/// Requests taken apart, against a flat list of what they hold.
@Suite struct PartitionTests {
    /// A unit, with everything that stands beside the way to it.
    struct Flat: Equatable {
        var context: [UInt8] = []
        var unit: [UInt8] = []
    }

    static let units: [PartitionUnit] = [.resourceGroup, .record, .dataPoint]

    @Test(arguments: units, Signal.allCases)
    func eachUnitIsInOnePieceAsItWas(unit: PartitionUnit, signal: Signal) throws {
        for seed in 0..<120 as Range<UInt64> {
            var random = RandomRequest(seed: seed)
            let bytes = random.request(signal)
            let all = flat(bytes, signal, unit)
            let targets = all.map { _ in
                random.chance(15) ? nil : Int.random(in: 0..<4, using: &random)
            }
            var places: [UnitPlace] = []
            let pieces = try take(bytes, signal, unit) { place in
                places.append(place)
                return targets[places.count - 1]
            }
            try #require(places.count == all.count)
            for (place, one) in zip(places, all) { #expect(Array(bytes[place.unit]) == one.unit) }
            #expect(Set(pieces.map(\.target)) == Set(targets.compactMap { $0 }))
            #expect(pieces.count == Set(pieces.map(\.target)).count)
            for piece in pieces {
                let written = bytes.borrowed { piece.bytes(from: $0) }
                #expect(written.count == piece.byteCount)
                #expect(try scan(written, as: signal).items == piece.items)
                let expected = zip(targets, all).filter { $0.0 == piece.target }.map(\.1)
                #expect(flat(written, signal, unit) == expected, "seed \(seed)")
            }
        }
    }

    @Test(arguments: units, Signal.allCases)
    func noItemIsLost(unit: PartitionUnit, signal: Signal) throws {
        for seed in 0..<60 as Range<UInt64> {
            var random = RandomRequest(seed: seed)
            let bytes = random.request(signal)
            var count = 0
            let pieces = try take(bytes, signal, unit) { _ in
                count += 1
                return count % 3
            }
            #expect(pieces.reduce(0) { $0 + $1.items } == (try scan(bytes, as: signal).items))
        }
    }

    /// `resource` after its children, as the Collector writes it, and schema URLs are in each piece.
    @Test func groupsAreWholeInEachPiece() throws {
        let resource = field(1, attribute(1, "k", "v"))
        let url = field(3, "https://schema")
        let scope = field(1, field(1, "scope"))
        let (a, b, c) = (field(2, field(5, "a")), field(2, field(5, "b")), field(2, field(5, "c")))
        let bytes = field(1, url + field(2, a + scope + b) + field(2, c) + resource)
        let pieces = try take(bytes, .traces, .record) { _ in nil }
        #expect(pieces.isEmpty)
        var count = 0
        let two = try take(bytes, .traces, .record) { _ in
            count += 1
            return count == 2 ? 7 : 5
        }
        #expect(two.map(\.target) == [5, 7])
        #expect(
            bytes.borrowed { two[0].bytes(from: $0) }
                == field(1, url + field(2, a + scope) + field(2, c) + resource))
        #expect(
            bytes.borrowed { two[1].bytes(from: $0) }
                == field(1, url + field(2, scope + b) + resource))
    }

    @Test func whatIsMalformedIsSaid() {
        let cut = Array(field(1, field(2, field(2, field(5, "abc")))).dropLast())
        #expect(throws: WireError.self) { try take(cut, .traces, .record) { _ in 0 } }
    }

    private func take(
        _ bytes: [UInt8], _ signal: Signal, _ unit: PartitionUnit, _ target: (UnitPlace) -> Int?
    ) throws -> [PartitionPiece] {
        try bytes.borrowed { bytes throws(WireError) in
            try partition(bytes, as: signal, by: unit, target: target)
        }
    }

    private func flat(_ bytes: [UInt8], _ signal: Signal, _ unit: PartitionUnit) -> [Flat] {
        var path: [[Int]] = [[1]]
        if unit != .resourceGroup { path += [[2], [2]] }
        if unit == .dataPoint, signal == .metrics { path += [[5, 7, 9, 10, 11], [1]] }
        return flat(bytes, path[...], depth: 0)
    }

    private func flat(_ bytes: [UInt8], _ path: ArraySlice<[Int]>, depth: Int) -> [Flat] {
        guard let wanted = path.first else { return [Flat(unit: bytes)] }
        var context: [UInt8] = []
        var found: [Flat] = []
        bytes.borrowed { span in
            var reader = WireReader(span)
            while let tag = reader.nextTag() {
                let start = reader.fieldStart
                guard wanted.contains(tag.number), tag.wireType == .bytes else {
                    _ = reader.skip(tag)
                    context += bytes[start..<reader.position]
                    continue
                }
                let content = reader.readBytes()!.array
                var inside = flat(content, path.dropFirst(), depth: depth + 1)
                // A metric without points stands for itself.
                if inside.isEmpty, depth == 2 { inside = [Flat(unit: content)] }
                for index in inside.indices {
                    inside[index].context = [UInt8(tag.number)] + inside[index].context
                }
                found += inside
            }
        }
        // Of the request's own fields, which are none of OTLP's, nothing is said here.
        guard depth > 0 else { return found }
        return found.map { Flat(context: context + $0.context, unit: $0.unit) }
    }
}
