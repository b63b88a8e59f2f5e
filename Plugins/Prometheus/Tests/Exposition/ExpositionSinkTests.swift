import Dispatch
import Foundation
import Testing
import WeirPrometheus
import WeirSDK
import WeirTelemetry
import WeirTestKit

@testable import PrometheusPlugin

struct ExpositionSinkTests {
    @Test func servesTheLastPoint() throws {
        let run = try ExpositionRun()
        for value in [1.0, 2.5] {
            try run.deliver(resource: [Attribute("service.name", "shop")]) {
                $0.metric("queue", unit: "By", .gauge)
                $0.point(.double(value), at: 5, attributes: [Attribute("a", "1")])
            }
        }
        let response = try run.get()
        #expect(response.code == 200)
        #expect(response.contentType == "text/plain; version=0.0.4; charset=utf-8")
        #expect(
            String(decoding: response.body, as: UTF8.self)
                == "# TYPE queue_bytes gauge\nqueue_bytes{a=\"1\",job=\"shop\"} 2.5\n")
        #expect(try run.get("/").code == 404)
        #expect(try run.get(method: "POST").code == 405)
        #expect(try run.get(method: "HEAD").body.isEmpty)
        try run.sink.end()
    }

    @Test func listensWhereItIsTold() throws {
        let run = try ExpositionRun(#"{"endpoint": "0.0.0.0:8889", "namespace": "ns"}"#)
        #expect(run.host.server.listening == [#"{"endpoint":"0.0.0.0:8889"}"#])
        let standard = try ExpositionRun()
        #expect(standard.host.server.listening[0].contains(#""endpoint":"localhost:9464""#))
    }

    @Test func olderPointsDoNotReplaceNewerOnes() throws {
        let run = try ExpositionRun()
        for (time, value) in [(5, 1), (9, 2), (7, 3), (9, 4)] as [(UInt64, Int64)] {
            try run.deliver {
                $0.metric("g", .gauge)
                $0.point(.int(value), at: time)
            }
        }
        #expect(
            try run.lines() == [
                "g 4", #"weir_prometheus_sink_dropped_points_total{reason="out_of_order"} 1"#,
            ])
    }

    @Test func seriesEnd() throws {
        let run = try ExpositionRun(#"{"metric_expiration": "1m"}"#)
        func give(_ label: Int, _ value: NumberValue, at time: UInt64 = 5) throws {
            try run.deliver {
                $0.metric("g", .gauge)
                $0.point(value, at: time, attributes: [Attribute("n", .int(Int64(label)))])
            }
        }
        for label in 0..<4 { try give(label, .int(1)) }
        try give(1, .none, at: 6)
        #expect(try run.lines() == [#"g{n="0"} 1"#, #"g{n="3"} 1"#, #"g{n="2"} 1"#])
        try give(1, .int(7), at: 7)
        #expect(try run.lines().contains(#"g{n="1"} 7"#), "an ended series may come back")
        run.host.advance(by: .seconds(40))
        try give(3, .int(5))
        run.host.advance(by: .seconds(30))
        #expect(try run.lines() == [#"g{n="3"} 5"#])
        run.host.advance(by: .seconds(61))
        #expect(try run.lines() == [])
        try give(3, .int(6))
        #expect(try run.lines() == [#"g{n="3"} 6"#])
    }

    @Test func deltasAreAddedUp() throws {
        let run = try ExpositionRun()
        func give(_ value: Int64, from start: UInt64, to end: UInt64) throws {
            try run.deliver {
                $0.metric("c", .sum(.delta, isMonotonic: true))
                $0.point(.int(value), at: end, since: start)
                $0.metric("h", .histogram(.delta))
                $0.histogramPoint(
                    count: UInt64(value), sum: Double(value), bounds: [1],
                    bucketCounts: [1, UInt64(value) - 1], at: end, since: start)
                $0.metric("e", .exponentialHistogram(.delta))
                $0.exponentialHistogramPoint(
                    count: UInt64(value), sum: 1, scale: end == 30 ? 0 : 1, zeroCount: 0,
                    positive: ExponentialBuckets(offset: 2, counts: [UInt64(value)]), at: end,
                    since: start)
            }
        }
        func values() throws -> [String] {
            try run.lines().filter {
                $0.hasPrefix("c_total ") || $0.hasPrefix("h_bucket") || $0.hasPrefix("e_bucket")
            }
        }
        try give(3, from: 10, to: 20)
        try give(4, from: 20, to: 30)
        #expect(
            try values() == [
                "c_total 7", #"e_bucket{le="4.0"} 3"#, #"e_bucket{le="8.0"} 7"#,
                #"e_bucket{le="+Inf"} 7"#, #"h_bucket{le="1.0"} 2"#, #"h_bucket{le="+Inf"} 7"#,
            ])
        // Overlaps with what was added, and is not counted twice.
        try give(5, from: 25, to: 35)
        #expect(try values()[0] == "c_total 7")
        // A gap is a restart, as in the Collector.
        try give(2, from: 100, to: 110)
        #expect(try values()[0] == "c_total 2")
        // A start that nobody told continues.
        try give(1, from: 0, to: 120)
        #expect(try values()[0] == "c_total 3")
        #expect(
            try run.lines().contains(
                #"weir_prometheus_sink_dropped_points_total{reason="delta_overlap"} 3"#))
    }

    @Test func newSeriesBeyondTheLimitAreDropped() throws {
        let run = try ExpositionRun(#"{"max_series": 3}"#)
        var outcomes: [Outcome?] = []
        for label in 0..<5 {
            outcomes.append(
                try run.deliver {
                    $0.metric("g", .gauge)
                    $0.point(.int(1), at: 5, attributes: [Attribute("n", .int(Int64(label)))])
                })
        }
        #expect(outcomes[2] == .delivered())
        #expect(
            outcomes[3]
                == .delivered(rejected: 1, message: "1 points are not exposed (1 max_series)"))
        #expect(
            try run.lines() == [
                #"g{n="0"} 1"#, #"g{n="1"} 1"#, #"g{n="2"} 1"#,
                #"weir_prometheus_sink_dropped_points_total{reason="max_series"} 2"#,
            ])
        // A series that ends makes room.
        try run.deliver {
            $0.metric("g", .gauge)
            $0.point(.none, at: 6, attributes: [Attribute("n", 0)])
            $0.point(.int(1), at: 6, attributes: [Attribute("n", 4)])
        }
        #expect(try run.lines().contains(#"g{n="4"} 1"#))
    }

    @Test func theFirstOfTwoTypesWins() throws {
        let run = try ExpositionRun()
        for _ in 0..<2 {
            try run.deliver(resource: [Attribute("service.name", "a")]) {
                $0.metric("m", description: "one", .gauge)
                $0.point(.int(1), at: 5)
                $0.metric("n", description: "one", .gauge)
                $0.point(.int(1), at: 5)
            }
            try run.deliver(resource: [Attribute("service.name", "b")]) {
                $0.metric("m", description: "one", .summary)
                $0.summaryPoint(count: 1, sum: 1, quantiles: [], at: 5)
                $0.metric("n", description: "two", .gauge)
                $0.point(.int(2), at: 5)
            }
        }
        let text = try run.text()
        #expect(text.contains("# HELP m one\n# TYPE m gauge\nm{job=\"a\"} 1\n# HELP n one\n"))
        #expect(text.contains("n{job=\"a\"} 1\nn{job=\"b\"} 2\n"))
        #expect(text.contains(#"{reason="type_conflict"} 2"#))
        let warnings = run.host.logs.filter { $0.level == .warning }.map(\.message)
        #expect(warnings.count == 2, "once for each name")
        #expect(warnings[0].contains("m came as a gauge first and now comes as a summary"))
    }

    @Test func formatsAreNegotiated() throws {
        let offered = try ExpositionRun(#"{"enable_open_metrics": true, "send_timestamps": true}"#)
        let withheld = try ExpositionRun()
        for run in [offered, withheld] {
            try run.deliver {
                $0.metric("c", .sum(.cumulative, isMonotonic: true))
                $0.point(.int(1), at: 1_500_000_000)
            }
        }
        #expect(
            try offered.text(accept: openMetricsAccept)
                == "# TYPE c counter\nc_total 1 1.500\n# EOF\n")
        #expect(try offered.text() == "# TYPE c_total counter\nc_total 1 1500\n")
        #expect(
            try withheld.text(accept: openMetricsAccept) == "# TYPE c_total counter\nc_total 1\n")
        let protobuf = try withheld.get(
            accept: "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;"
                + "encoding=delimited")
        #expect(protobuf.contentType.hasPrefix("application/vnd.google.protobuf"))
        #expect(
            protobuf.body
                == [24, 10, 7] + Array("c_total".utf8) + [24, 0, 34, 11, 26, 9, 9]
                + [0, 0, 0, 0, 0, 0, 0xf0, 0x3f])
    }

    @Test func theCollectorsSettings() throws {
        let run = try ExpositionRun(
            #"""
            {"namespace": "ns", "const_labels": {"env": "x"}, "without_scope_info": true,
             "translation_strategy": "NoTranslation", "add_metric_suffixes": false,
             "resource_to_telemetry_conversion": {"enabled": true}, "target_info": false}
            """#)
        try run.deliver(
            resource: [Attribute("service.name", "s"), Attribute("host.name", "h")]
        ) {
            $0.scope(name: "lib")
            $0.metric("http.size", unit: "By", .gauge)
            $0.point(.int(1), at: 5)
        }
        #expect(
            try run.text(accept: "text/plain;version=1.0.0;escaping=allow-utf-8") == #"""
                # TYPE "ns_http.size" gauge
                {"ns_http.size",env="x","host.name"="h",job="s","service.name"="s"} 1

                """#)
    }

    /// Other bytes may be the same series, which is found in families of any size.
    @Test(arguments: [1, 8, 9, 20])
    func theOrderOfAttributesIsNoPartOfASeries(_ count: Int) throws {
        let run = try ExpositionRun()
        for round in 0..<2 {
            try run.deliver {
                $0.metric("g", .gauge)
                for series in 0..<count {
                    let attributes = [Attribute("a", "1"), Attribute("n", .int(Int64(series)))]
                    $0.point(
                        .int(Int64(round)), at: 5,
                        attributes: round == 0 ? attributes : attributes.reversed())
                }
            }
        }
        let expected = (0..<count).map { #"g{a="1",n="\#($0)"} 1"# }
        #expect(try run.lines().sorted() == expected.sorted())
    }

    @Test func boundsMayChange() throws {
        let run = try ExpositionRun()
        for bounds in [[1.0, 2], [5]] {
            try run.deliver {
                $0.metric("h", .histogram(.cumulative))
                $0.histogramPoint(
                    count: 3, sum: 1, bounds: bounds,
                    bucketCounts: Array(repeating: 1, count: bounds.count + 1), at: 5)
            }
        }
        #expect(
            try run.lines() == [
                #"h_bucket{le="5.0"} 1"#, #"h_bucket{le="+Inf"} 3"#, "h_sum 1", "h_count 3",
            ])
    }

    /// Large ones are written on a thread of their own, which a stop waits for.
    @Test func largeExpositions() throws {
        let run = try ExpositionRun()
        try run.deliver {
            $0.metric("g", .gauge)
            for series in 0..<6000 {
                $0.point(.int(1), at: 5, attributes: [Attribute("n", .int(Int64(series)))])
            }
        }
        let exchange = try #require(run.host.server.send("GET", "/metrics", body: []))
        try run.sink.end()
        let body = try #require(exchange.response).body
        #expect(body.count { $0 == UInt8(ascii: "\n") } == 6001)
    }

    /// Writers and readers at once; each answer is whole.
    @Test func readsWhileItIsWritten() throws {
        let run = try ExpositionRun()
        let rounds = 40
        @Sendable func give(_ round: Int) throws {
            try run.deliver {
                for metric in 0..<20 {
                    $0.metric("m\(metric)", .gauge)
                    for series in 0..<50 {
                        $0.point(
                            .int(Int64(round)), at: UInt64(round + 1),
                            attributes: [Attribute("n", .int(Int64(series)))])
                    }
                }
            }
        }
        try give(0)
        let ended = DispatchSemaphore(value: 0)
        Thread.detachNewThread {
            for round in 1..<rounds { try? give(round) }
            ended.signal()
        }
        for _ in 0..<rounds {
            let lines = try run.lines()
            #expect(lines.count == 1000)
            for metric in 0..<20 {
                let values = lines.filter { $0.hasPrefix("m\(metric){") }
                    .map { $0.split(separator: " ")[1] }
                #expect(Set(values).count == 1, "a family is of one moment")
            }
        }
        ended.wait()
        #expect(try run.lines().allSatisfy { $0.hasSuffix(" \(rounds - 1)") })
    }
}
