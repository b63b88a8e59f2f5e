import Testing

@testable import WeirPrometheus

@Suite struct SentLabelsTests {
    /// Series come and go at random, as many that memory is moved together: each keeps its number,
    /// and what stands in requests for it is what it was.
    @Test(arguments: RemoteWriteMessage.allCases)
    func labelsStayWhileOthersComeAndGo(message: RemoteWriteMessage) throws {
        var table = SentLabels(message)
        var known: [UInt32: Labels] = [:]
        var next = 0
        // Longer than a piece of the memory, too.
        func labels() -> Labels {
            next += 1
            let length = next % 500 == 0 ? 100_000 : next % 200
            return Labels([
                Label("__name__", "m\(next % 7)"), Label("id", "\(next)"),
                Label("text", String(repeating: "x", count: length)),
            ])
        }
        for round in 0..<6 {
            for _ in 0..<2000 {
                let labels = labels()
                let (number, isNew) = table.insert(labels)
                #expect(isNew && known[number] == nil)
                known[number] = labels
            }
            for number in known.keys.shuffled().prefix(round == 3 ? known.count : 1700) {
                table.remove(number)
                known[number] = nil
            }
            #expect(table.count == known.count)
            for (number, labels) in known {
                #expect(table.insert(labels) == (number, false))
                var encoder = RemoteWriteEncoder(message)
                encoder.series(number, in: table, 1, at: 1_700_000_000_000)
                let expected = PlainSeries(
                    Dictionary(uniqueKeysWithValues: labels.all.map { ($0.name, $0.value) }),
                    [WireSample(1, at: 1_700_000_000_000)])
                #expect(try decode(encoder.finish(), message) == [expected])
            }
        }
    }

    /// A sender that falls back from 2.0 goes on with the labels that it has.
    @Test func labelsFor2AreSentAs1() throws {
        var table = SentLabels(.v2)
        var encoder = RemoteWriteEncoder(.v1)
        let all = [
            PlainSeries(["__name__": "up", "job": "j"], [WireSample(1, at: 1_700_000_000_000)]),
            PlainSeries([:], [WireSample(2, at: 5)]),
        ]
        for series in all {
            let number = table.insert(series.labels).number
            let sample = series.samples[0]
            encoder.series(number, in: table, sample.value, at: sample.timestamp)
        }
        #expect(try decode(encoder.finish(), .v1) == all)
    }

    /// What removal leaves of a table finds all others, wherever their hashes put them.
    @Test(arguments: [UInt32(1), 3, 16, .max])
    func tablesFindWhatIsLeft(spread: UInt32) {
        func hash(_ index: UInt32) -> UInt32 { index &* 0x9e37_79b9 % spread }
        var table = IndexTable()
        var members: Set<UInt32> = []
        for step in 0..<4000 as Range<UInt32> {
            let index = step &* 7919 % 97
            if members.insert(index).inserted {
                table.insert(index, hash(index), hashOf: hash)
            } else {
                members.remove(index)
                table.remove(index, hash(index), hashOf: hash)
            }
            #expect(table.count == members.count)
            let found = (0..<97 as Range<UInt32>).filter { index in
                table.find(hash(index)) { $0 == index } != nil
            }
            #expect(Set(found) == members)
        }
    }
}
