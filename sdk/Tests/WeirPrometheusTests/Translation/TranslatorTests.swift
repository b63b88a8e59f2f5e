import Testing
import WeirTelemetry

@testable import WeirPrometheus

/// What a translator hands out, as lines of `series value` in the order of the request.
final class Lines {
    let translator: SeriesTranslator<[String]>
    var made: [SeriesIdentity] = []
    var now: UInt64 = 1_000_000_000_000

    init(_ configure: (inout TranslationOptions) -> Void = { _ in }) {
        var options = TranslationOptions()
        configure(&options)
        translator = SeriesTranslator(options)
    }

    var left = LeftOut()

    func callAsFunction(_ request: [UInt8]) -> [String] {
        var lines: [String] = []
        var made = made
        left = unsafe translator.translate(
            request.span.bytes, now: now,
            make: { identity in
                made.append(identity)
                return identity.series.map(\.description)
            }
        ) { point, series in
            point.forEachSample { index, value in
                let text = value.bitPattern == staleMarker.bitPattern ? "stale" : "\(value)"
                lines.append("\(series[index]) \(text)")
            }
        }
        self.made = made
        return lines
    }
}

func metrics(
    resource: [Attribute] = [], scope: String = "", _ build: (inout RequestBuilder) -> Void
) -> [UInt8] {
    var builder = RequestBuilder(.metrics)
    builder.resource(resource)
    builder.scope(name: scope)
    build(&builder)
    return builder.finish()
}

func fromPrometheus(_ type: String) -> [Attribute] {
    [Attribute(Provenance.typeKey, .string(type))]
}

struct TranslatorTests {
    @Test func gaugesAndCounters() {
        let lines = Lines()
        let request = metrics(
            resource: [
                Attribute("service.name", "shop"), Attribute("service.namespace", "eu"),
                Attribute("service.instance.id", "a:1"),
            ], scope: "lib"
        ) {
            $0.metric("queue.size", unit: "{items}", .gauge)
            $0.point(.int(3), at: 5, attributes: [Attribute("queue.name", "in")])
            $0.metric("requests", unit: "1", .sum(.cumulative, isMonotonic: true))
            $0.point(.double(2.5), at: 5)
            $0.metric("open", .sum(.cumulative, isMonotonic: false))
            $0.point(.int(7), at: 5)
        }
        #expect(
            lines(request) == [
                #"{__name__="queue_size", instance="a:1", job="eu/shop", otel_scope_name="lib", queue_name="in"} 3.0"#,
                #"{__name__="requests_total", instance="a:1", job="eu/shop", otel_scope_name="lib"} 2.5"#,
                #"{__name__="open", instance="a:1", job="eu/shop", otel_scope_name="lib"} 7.0"#,
            ])
        #expect(lines.made.map(\.family.type) == [.gauge, .counter, .gauge])
        #expect(lines(request).count == 3)
        #expect(lines.made.count == 3, "known points are not made again")
        #expect(lines.translator.count == 3)
    }

    @Test func histograms() {
        let lines = Lines { $0.scopeLabels = false }
        let request = metrics {
            $0.metric("dur", unit: "s", .histogram(.cumulative))
            $0.histogramPoint(
                count: 6, sum: 9.5, bounds: [0.5, 1], bucketCounts: [1, 2, 3], at: 5)
            $0.histogramPoint(
                count: 4, sum: nil, bounds: [], bucketCounts: [4], at: 5,
                attributes: [Attribute("a", "1")])
            $0.histogramPoint(
                count: 2, sum: 1, bounds: [], bucketCounts: [], at: 5,
                attributes: [Attribute("a", "2")])
        }
        #expect(
            lines(request) == [
                #"{__name__="dur_seconds_bucket", le="0.5"} 1.0"#,
                #"{__name__="dur_seconds_bucket", le="1.0"} 3.0"#,
                #"{__name__="dur_seconds_bucket", le="+Inf"} 6.0"#,
                #"{__name__="dur_seconds_count"} 6.0"#, #"{__name__="dur_seconds_sum"} 9.5"#,
                #"{__name__="dur_seconds_bucket", a="1", le="+Inf"} 4.0"#,
                #"{__name__="dur_seconds_count", a="1"} 4.0"#,
                #"{__name__="dur_seconds_count", a="2"} 2.0"#,
                #"{__name__="dur_seconds_sum", a="2"} 1.0"#,
            ])
    }

    @Test func otherBoundsAreOtherSeries() {
        let lines = Lines()
        func request(_ bounds: [Double]) -> [UInt8] {
            metrics {
                $0.metric("h", .histogram(.cumulative))
                $0.histogramPoint(
                    count: 1, sum: 1, bounds: bounds,
                    bucketCounts: Array(repeating: 0, count: bounds.count + 1), at: 5)
            }
        }
        #expect(lines(request([1])).count == 4)
        #expect(lines(request([1, 2])).count == 5)
        #expect(lines(request([1, 3])).contains { $0.contains(#"le="3.0""#) })
        #expect(lines.translator.count == 3)
    }

    @Test func summariesAndNativeHistograms() {
        let lines = Lines()
        let request = metrics {
            $0.metric("rpc", .summary)
            $0.summaryPoint(count: 3, sum: 4, quantiles: [(0.5, 1), (0.99, 2)], at: 5)
            $0.metric("lat", .exponentialHistogram(.cumulative))
            $0.exponentialHistogramPoint(
                count: 3, sum: 4, scale: 0, zeroCount: 1,
                positive: ExponentialBuckets(offset: 0, counts: [2]), at: 5)
        }
        #expect(
            lines(request) == [
                #"{__name__="rpc", quantile="0.5"} 1.0"#, #"{__name__="rpc", quantile="0.99"} 2.0"#,
                #"{__name__="rpc_count"} 3.0"#, #"{__name__="rpc_sum"} 4.0"#,
            ])
        #expect(lines.made.map(\.layout) == [.summary(quantiles: [0.5, 0.99]), .native])
    }

    @Test func prometheusKeepsItsNames() {
        let lines = Lines()
        let request = metrics(
            resource: [Attribute("service.name", "node"), Attribute("service.instance.id", "h:1")],
            scope: "weir/prometheus"
        ) {
            $0.metric(
                "weird.name", unit: "seconds", .sum(.cumulative, isMonotonic: true),
                metadata: fromPrometheus("counter"))
            $0.point(.double(1), at: 5, attributes: [Attribute("a.b", "x"), Attribute("__x", "y")])
            $0.metric(
                "g_bucket", .gauge, metadata: fromPrometheus("histogram"))
            $0.point(.double(1), at: 5, attributes: [Attribute("le", "1.0")])
            $0.metric("gh", .histogram(.cumulative), metadata: fromPrometheus("gaugehistogram"))
            $0.histogramPoint(count: 1, sum: 2, bounds: [], bucketCounts: [1], at: 5)
            $0.metric(
                "b_info", .sum(.cumulative, isMonotonic: false), metadata: fromPrometheus("info"))
            $0.point(.double(1), at: 5)
        }
        let ends = #"instance="h:1", job="node""#
        #expect(
            lines(request) == [
                #"{__name__="weird.name", __x="y", a.b="x", "# + ends + "} 1.0",
                #"{__name__="g_bucket", "# + ends + #", le="1.0"} 1.0"#,
                #"{__name__="gh_bucket", "# + ends + #", le="+Inf"} 1.0"#,
                #"{__name__="gh_gcount", "# + ends + "} 1.0",
                #"{__name__="gh_gsum", "# + ends + "} 2.0",
                #"{__name__="b_info", "# + ends + "} 1.0",
            ])
        #expect(
            lines.made.map(\.family.type) == [.counter, .histogram, .gaugeHistogram, .info])
        #expect(lines.made[0].family.unit == "seconds")
    }

    @Test func targetInfoOnceForEachResource() {
        let lines = Lines { $0.constantLabels = [Label("env", "test"), Label("job", "no")] }
        let request = metrics(
            resource: [
                Attribute("service.name", "shop"), Attribute("host.name", "h"),
                Attribute("tags", ["a", 1]),
            ]
        ) {
            $0.metric("m", .gauge)
            $0.point(.int(1), at: 5)
            $0.point(.int(2), at: 9, attributes: [Attribute("env", "own")])
        }
        let expected = [
            #"{__name__="m", env="test", job="shop"} 1.0"#,
            #"{__name__="m", env="own", job="shop"} 2.0"#,
            #"{__name__="target_info", env="test", host_name="h", job="shop", tags="[\"a\",1]"} 1.0"#,
        ]
        #expect(lines(request) == expected)
        #expect(lines(request) == expected)
        #expect(lines.made.count == 3)
        // Neither without an identity nor with nothing but it.
        for resource in [
            [Attribute("host.name", "h")], [Attribute("service.name", "a")], [],
        ] {
            let lines = Lines()
            #expect(
                lines(
                    metrics(resource: resource) {
                        $0.metric("m", .gauge)
                        $0.point(.int(1), at: 5)
                    }
                ).count == 1)
        }
    }

    @Test(arguments: [
        (AttributeValue.string("x"), "x"), (.bool(true), "true"), (.int(-5), "-5"),
        (.double(1.5), "1.5"), (.double(3), "3"), (.bytes([1, 2, 3]), "AQID"),
        (.array(["a", 1, true, 2.5, .empty]), #"["a",1,true,2.5,null]"#),
        (
            .keyValueList([Attribute("k", [1]), Attribute("b", .bytes([255]))]),
            #"{"k":[1],"b":"/w=="}"#
        ),
        (.empty, ""), (.string(""), ""),
    ])
    func attributesOfEveryKind(_ value: AttributeValue, _ expected: String) {
        let lines = Lines()
        _ = lines(
            metrics {
                $0.metric("m", .gauge)
                $0.point(.int(1), at: 5, attributes: [Attribute("a", value)])
            })
        #expect(lines.made[0].labels["a"] == expected)
    }

    @Test func resourceAttributesAsLabels() {
        let resource = [Attribute("service.name", "s"), Attribute("host.name", "h")]
        let request = metrics(resource: resource) {
            $0.metric("m", .gauge)
            $0.point(.int(1), at: 5, attributes: [Attribute("host.name", "own")])
            $0.point(.int(1), at: 5, attributes: [Attribute("host_name", "x")])
        }
        let all = Lines {
            $0.resourceToTelemetryConversion = true
            $0.targetInfo = false
        }
        #expect(
            all(request) == [
                #"{__name__="m", host_name="own", job="s", service_name="s"} 1.0"#,
                #"{__name__="m", host_name="h;x", job="s", service_name="s"} 1.0"#,
            ])
        let some = Lines {
            $0.resourceToTelemetryConversion = true
            $0.excludesServiceAttributes = true
            $0.targetInfo = false
        }
        #expect(some(request)[0] == #"{__name__="m", host_name="own", job="s"} 1.0"#)
    }

    @Test func whatIsLeftOutIsCounted() {
        let lines = Lines()
        let request = metrics {
            $0.metric("d", .sum(.delta, isMonotonic: true))
            $0.point(.int(1), at: 5)
            $0.point(.int(1), at: 5, attributes: [Attribute("a", "1")])
            $0.metric("h", .histogram(.delta))
            $0.histogramPoint(count: 1, sum: 1, bounds: [], bucketCounts: [1], at: 5)
            $0.metric("u", .sum(.unspecified, isMonotonic: true))
            $0.point(.int(1), at: 5)
            $0.metric("日本", .gauge)
            $0.point(.int(1), at: 5)
            $0.metric("ok", .gauge)
            $0.point(.int(1), at: 5)
        }
        #expect(lines(request) == [#"{__name__="ok"} 1.0"#])
        #expect(lines.left.delta == 3)
        #expect(lines.left.temporality == 1)
        #expect(lines.left.unnamed == 1)
        #expect(lines.left.total == 5)
        let deltas = Lines { $0.takesDelta = true }
        #expect(deltas(request).count == 6)
        #expect(deltas.made.filter(\.isDelta).count == 3)
    }

    @Test func staleness() {
        let lines = Lines()
        let request = metrics {
            $0.metric("g", .gauge)
            $0.point(.none, at: 5)
            $0.metric("h", .histogram(.cumulative))
            $0.histogramPoint(count: 0, sum: 0, bounds: [1], bucketCounts: [0, 0], at: 5)
        }
        #expect(lines(request)[0] == #"{__name__="g"} stale"#)
    }

    @Test func whatIsNotSeenIsForgotten() {
        let lines = Lines { $0.memory = .seconds(60) }
        func request(_ series: Int, _ metric: String = "m") -> [UInt8] {
            metrics(resource: [Attribute("service.name", "s"), Attribute("x", .int(Int64(series)))])
            {
                $0.metric(metric, .gauge)
                $0.point(.int(1), at: 5, attributes: [Attribute("n", .int(Int64(series)))])
            }
        }
        for series in 0..<100 { _ = lines(request(series)) }
        #expect(lines.translator.count == 200)
        for _ in 0..<10 {
            lines.now += 20_000_000_000
            _ = lines(request(7))
        }
        #expect(lines.translator.count == 2)
        #expect(lines.made.count == 200)
        _ = lines(request(8))
        #expect(lines.made.count == 202)
        #expect(lines(request(7)).first?.contains(#"n="7""#) == true)
    }

    @Test func remembersNoMoreThanItMay() {
        let lines = Lines { $0.maximumSeries = 3 }
        func request(_ numbers: Range<Int>, resource: Int = 0) -> [UInt8] {
            metrics(resource: [Attribute("r", .int(Int64(resource)))]) {
                $0.metric("m", .gauge)
                for number in numbers {
                    $0.point(
                        .int(1), at: 5, attributes: [Attribute("n", .int(Int64(number)))])
                }
            }
        }
        #expect(lines(request(0..<5)).count == 3)
        #expect(lines.left.overLimit == 2)
        #expect(lines(request(0..<5)).count == 3, "those that are known stay")
        #expect(lines(request(0..<2, resource: 1)).isEmpty)
        #expect(lines.left.overLimit == 2)
        #expect(lines.translator.count == 3)
    }

    /// Points in any order and among any others are found again.
    @Test func findsPointsInAnyOrder() {
        let lines = Lines()
        var numbers = Array(0..<500)
        for round in 0..<5 {
            let request = metrics {
                for chunk in 0..<5 {
                    $0.metric("m\(chunk)", .gauge)
                    for number in numbers where number % 5 == chunk {
                        $0.point(
                            .int(Int64(number)), at: 5,
                            attributes: [Attribute("n", .int(Int64(number)))])
                    }
                }
            }
            let found = Set(lines(request))
            #expect(
                found
                    == Set(
                        numbers.map {
                            #"{__name__="m\#($0 % 5)", n="\#($0)"} \#(Double($0))"#
                        }))
            numbers.shuffle()
            if round == 2 { numbers.removeLast(50) }
        }
        #expect(lines.made.count == 500)
    }
}
