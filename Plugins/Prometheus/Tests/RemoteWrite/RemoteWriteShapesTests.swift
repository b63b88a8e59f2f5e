import Testing
import WeirPrometheus
import WeirSDK
import WeirTelemetry
import WeirTestKit

@testable import PrometheusPlugin

/// Every kind of metric through the sink, by both messages.
@Suite struct RemoteWriteShapesTests {
    private func send(
        _ message: RemoteWriteMessage, _ more: String = "",
        _ build: (inout RequestBuilder) -> Void
    ) throws -> SeenRequest {
        let host = FakeHost()
        let kind = #""protobuf_message": "\#(message.rawValue)""#
        let sink = try host.start(
            plugin, .sink, "prometheusremotewrite",
            settings: sinkSettings(more.isEmpty ? kind : kind + ", " + more))
        host.client.answer { request in
            let count = (try? SeenRequest(request).count) ?? 0
            return message == .v1 ? .taken : .written(count)
        }
        var builder = RequestBuilder(.metrics)
        build(&builder)
        let delivery = sink.deliver(try host.batch(.metrics, builder.finish()))
        #expect(delivery.outcome == .delivered())
        let request = try SeenRequest(try #require(host.client.sent.first))
        try sink.end()
        return request
    }

    private static let exemplar = Exemplar(
        .double(1.5), timeUnixNano: 900_000_000, traceID: Array(repeating: 0xab, count: 16),
        filteredAttributes: [Attribute("n", "x")])

    @Test(arguments: RemoteWriteMessage.allCases)
    func classicHistogram(message: RemoteWriteMessage) throws {
        let request = try send(message) { builder in
            builder.metric(
                "h", .histogram(.cumulative),
                metadata: [Attribute(Provenance.typeKey, "histogram")])
            builder.histogramPoint(
                count: 6, sum: 9, bounds: [1, 2], bucketCounts: [1, 2, 3], at: 1_000_000_000,
                exemplars: [Self.exemplar])
        }
        #expect(
            Set(request.samples.map(\.description)) == [
                #"{__name__="h_bucket", le="1.0"} 1.0@1000"#,
                #"{__name__="h_bucket", le="2.0"} 3.0@1000"#,
                #"{__name__="h_bucket", le="+Inf"} 6.0@1000"#,
                #"{__name__="h_count"} 6.0@1000"#, #"{__name__="h_sum"} 9.0@1000"#,
            ])
        let trace = String(repeating: "ab", count: 16)
        #expect(
            request.exemplars == [
                #"{__name__="h_bucket", le="2.0"} {n="x", trace_id="\#(trace)"} 1.5"#
            ])
    }

    @Test(arguments: RemoteWriteMessage.allCases)
    func nativeHistogram(message: RemoteWriteMessage) throws {
        let request = try send(message) { builder in
            builder.metric(
                "h", .exponentialHistogram(.cumulative),
                metadata: [Attribute(Provenance.typeKey, "histogram")])
            builder.exponentialHistogramPoint(
                count: 9, sum: 4, scale: 10, zeroCount: 2, zeroThreshold: 0.5,
                positive: ExponentialBuckets(offset: 4, counts: [1, 0, 0, 0, 2, 0, 0, 4]),
                at: 1_000_000_000)
            builder.metric(
                "stale", .exponentialHistogram(.cumulative),
                metadata: [Attribute(Provenance.typeKey, "histogram")])
            builder.exponentialHistogramPoint(
                count: 9, sum: 4, scale: 3, zeroCount: 9, positive: nil, at: 1_000_000_000)
        }
        let found = try #require(request.histograms.first)
        // Two scales finer than Prometheus has: four buckets become one.
        #expect(found.schema == 8 && found.count == .int(9) && found.sum == 4)
        #expect(found.zeroCount == .int(2) && found.zeroThreshold == 0.5)
        #expect(found.positive.spans == [NativeHistogram.Span(offset: 2, length: 2)])
        #expect(found.positive.deltas == [1, 5])
        #expect(request.histograms.count == 2)
    }

    @Test(arguments: RemoteWriteMessage.allCases)
    func staleMarkers(message: RemoteWriteMessage) throws {
        let request = try send(message) { builder in
            builder.metric("a", .gauge, metadata: [Attribute(Provenance.typeKey, "gauge")])
            builder.point(.none, at: 1_000_000_000)
        }
        #expect(request.samples.map(\.value) == [staleMarker.bitPattern])
    }

    /// Start times of the target's own are a series of 1.0 and a field of 2.0.
    @Test(arguments: RemoteWriteMessage.allCases)
    func startTimes(message: RemoteWriteMessage) throws {
        let request = try send(message) { builder in
            for (name, hasCreated) in [("a_total", true), ("b_total", false)] {
                var metadata = [Attribute(Provenance.typeKey, "counter")]
                if hasCreated { metadata.append(Attribute(Provenance.createdKey, "true")) }
                builder.metric(
                    name, .sum(.cumulative, isMonotonic: true), metadata: metadata)
                builder.point(.double(3), at: 2_000_000_000, since: 500_000_000)
            }
        }
        let values = Dictionary(
            uniqueKeysWithValues: request.samples.map {
                ($0.series, Double(bitPattern: $0.value))
            })
        if message == .v1 {
            #expect(request.starts.allSatisfy { $0 == 0 })
            #expect(
                values == [
                    #"{__name__="a_total"}"#: 3, #"{__name__="b_total"}"#: 3,
                    #"{__name__="a_created"}"#: 0.5,
                ])
        } else {
            #expect(values.count == 2)
            #expect(
                Set(zip(request.samples, request.starts).map { "\($0.0.series)\($0.1)" }) == [
                    #"{__name__="a_total"}500"#, #"{__name__="b_total"}0"#,
                ])
        }
    }

    @Test func whatPrometheusHasNoPlaceForIsCounted() throws {
        let host = FakeHost()
        let sink = try host.start(
            plugin, .sink, "prometheusremotewrite", settings: sinkSettings())
        host.client.answer { _ in .taken }
        var builder = RequestBuilder(.metrics)
        builder.metric("d", .sum(.delta, isMonotonic: true))
        builder.point(.double(3), at: 2_000_000_000)
        builder.metric("wide", .exponentialHistogram(.cumulative))
        builder.exponentialHistogramPoint(
            count: 1, sum: 1, scale: -5, zeroCount: 1, positive: nil, at: 2_000_000_000)
        builder.metric("g", .gauge)
        builder.point(.int(3), at: 2_000_000_000)
        let batch = try host.batch(.metrics, builder.finish())
        guard case .delivered(let count, let text)? = sink.deliver(batch).outcome else {
            Issue.record("not delivered")
            return
        }
        #expect(count == 2 && text.contains("delta") && text.contains("wider"))
        try sink.end()
    }

    /// A request is cut where it gets too large, and continued.
    @Test func requestsHaveASize() throws {
        let host = FakeHost()
        let sink = try host.start(
            plugin, .sink, "prometheusremotewrite",
            settings: sinkSettings(#""max_batch_size_bytes": 100, "send_metadata": false"#))
        host.client.answer { _ in .taken }
        let samples = (0..<20).map { ("name_\($0)", 1.0, Int64(1)) }
        #expect(sink.deliver(try host.batch(.metrics, gauges(samples))).outcome == .delivered())
        let counts = try host.client.sent.map { try SeenRequest($0).count }
        #expect(counts.reduce(0, +) == 20 && counts.count > 5)
        try sink.end()
    }
}
