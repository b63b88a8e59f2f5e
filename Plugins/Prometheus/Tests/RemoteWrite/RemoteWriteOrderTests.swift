import Testing
import WeirPrometheus
import WeirSDK
import WeirTelemetry
import WeirTestKit

@testable import PrometheusPlugin

/// A server that answers as it likes, and holds the sender to the rules.
private struct Server {
    private var last: [String: Int64] = [:]
    private(set) var taken: Set<SeenSample> = []
    /// What may have been taken although nobody was told.
    private var unsure: Set<SeenSample> = []
    private(set) var refused: Set<SeenSample> = []

    mutating func take(_ request: SeenRequest, isKnown: Bool) {
        for sample in request.samples {
            if taken.contains(sample) {
                #expect(unsure.contains(sample), "sent twice: \(sample)")
                if isKnown { unsure.remove(sample) }
                continue
            }
            #expect(sample.timestamp > last[sample.series] ?? .min, "out of order: \(sample)")
            last[sample.series] = sample.timestamp
            taken.insert(sample)
            if !isKnown { unsure.insert(sample) }
        }
    }

    mutating func refuse(_ request: SeenRequest) {
        refused.formUnion(request.samples.filter { !taken.contains($0) })
    }
}

@Suite struct RemoteWriteOrderTests {
    /// Random batches, random answers in random order, random time: samples of a series never go
    /// back, no series has two requests under way, and every sample ends somewhere.
    @Test(arguments: 0..<60)
    func orderHoldsWhateverIsAnswered(round: Int) throws {
        let host = FakeHost()
        let is2 = round % 2 == 1
        let sink = try host.start(
            plugin, .sink, "prometheusremotewrite",
            settings: sinkSettings(
                #""retry_on_failure": {"max_elapsed_time": "0s"}"# + (is2 ? ", " + v2 : ""),
                queue:
                    #""max_samples_per_send": 5, "min_shards": \#(1 + round % 4), "max_shards": 9"#
            ))
        var server = Server()
        var answered = 0
        var open: Set<Int> = []
        var given: Set<SeenSample> = []
        var deliveries: [TestDelivery] = []
        func notice() throws {
            for index in answered..<host.client.sent.count { open.insert(index) }
            answered = host.client.sent.count
            var busy: Set<String> = []
            for index in open {
                let series = Set(try SeenRequest(host.client.sent[index]).samples.map(\.series))
                #expect(busy.isDisjoint(with: series), "two requests of a series at once")
                busy.formUnion(series)
            }
        }
        func answer(_ index: Int, kindly: Bool) throws {
            open.remove(index)
            let request = try SeenRequest(host.client.sent[index])
            let success = FakeReply.written(request.count)
            switch kindly ? 0 : Int.random(in: 0..<12) {
            case 0...4:
                server.take(request, isKnown: true)
                host.client.reply(to: index, success)
            case 5: host.client.reply(to: index, .error(503, after: .seconds(2)))
            case 6: host.client.reply(to: index, .error(429))
            case 7:
                server.refuse(request)
                host.client.reply(to: index, .error(400))
            case 8:
                // The answer is lost, the samples are not.
                server.take(request, isKnown: false)
                host.client.reply(to: index, .failure(.timeout("lost")))
            case 9:
                server.take(request, isKnown: false)
                host.client.reply(to: index, .error(500))
            default: host.client.reply(to: index, .failure(.retry("no connection")))
            }
        }
        for step in 0..<120 {
            if Bool.random() {
                let samples = (0..<Int.random(in: 1...12)).map {
                    ("m\($0)", Double.random(in: 0...1), Int64(step * 1000 + 1000))
                }
                given.formUnion(samples.map { seen($0.0, $0.1, $0.2) })
                deliveries.append(sink.deliver(try host.batch(.metrics, gauges(samples))))
            }
            try notice()
            while let index = open.randomElement(), Int.random(in: 0..<3) > 0 {
                try answer(index, kindly: false)
                try notice()
            }
            host.advance(by: .milliseconds(Int.random(in: 0...3000)))
            try notice()
        }
        for _ in 0..<2000 where !open.isEmpty || deliveries.contains(where: { $0.outcome == nil }) {
            while let index = open.randomElement() {
                try answer(index, kindly: true)
                try notice()
            }
            host.advance(by: .seconds(1))
            try notice()
        }
        #expect(deliveries.allSatisfy { $0.outcome != nil })
        #expect(server.taken.union(server.refused) == given)
        try sink.end()
    }

    /// More shards when more waits than one can send, fewer when little does; order stays.
    @Test func shardsComeAndGo() throws {
        let host = FakeHost()
        let sink = try host.start(
            plugin, .sink, "prometheusremotewrite",
            settings: sinkSettings(queue: #""max_samples_per_send": 10, "max_shards": 8"#))
        var time: Int64 = 0
        var answered = 0
        var most = 0
        var server = Server()
        func answerAll() throws {
            let waiting = answered..<host.client.sent.count
            most = max(most, waiting.count)
            answered = waiting.upperBound
            for index in waiting {
                server.take(try SeenRequest(host.client.sent[index]), isKnown: true)
                host.client.reply(to: index, .taken)
            }
        }
        func deliver(_ count: Int) throws {
            time += 1000
            let samples = (0..<count).map { ("m\($0)", 1.0, time) }
            _ = sink.deliver(try host.batch(.metrics, gauges(samples)))
        }
        for _ in 0..<20 { try deliver(50) }
        for _ in 0..<200 { try answerAll() }
        #expect(most == 8)
        #expect(server.taken.count == 1000)
        for _ in 0..<30 {
            try deliver(8)
            for _ in 0..<20 { try answerAll() }
            host.advance(by: .seconds(61))
        }
        most = 0
        let samples = [("m1", 1.0, time + 1), ("m2", 1.0, time + 1), ("m3", 1.0, time + 1)]
        _ = sink.deliver(try host.batch(.metrics, gauges(samples)))
        try answerAll()
        #expect(most < 3)
        try sink.end()
    }
}
