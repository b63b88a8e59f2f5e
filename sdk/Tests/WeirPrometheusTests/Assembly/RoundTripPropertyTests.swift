import Testing
import WeirPrometheus
import WeirTelemetry

/// Families of all types, written as text by the small writer below, assembled, and read back: they
/// must be what was made, over several scrapes in which series come, go and change their order.
@Suite struct AssemblyPropertyTests {
    @Test(arguments: [false, true]) func whatWasExposedArrives(_ openMetrics: Bool) throws {
        for seed in 0..<60 as Range<UInt64> {
            var random = Random(seed)
            let assembler = ScrapeAssembler()
            var families = (0..<8).map { _ in Family(&random, openMetrics) }
            var before: Set<String> = []
            for round in 0..<6 as Range<UInt64> {
                if random.flips() { families.shuffle(using: &random) }
                if random.flips() { families.remove(at: 0) }
                if random.flips() { families.append(Family(&random, openMetrics)) }
                for index in families.indices { families[index].change(&random) }
                // A name can be taken once only.
                var names: Set<String> = []
                families = families.filter { names.insert($0.name).inserted }
                let text =
                    families.map { $0.text(openMetrics) }.joined()
                    + (openMetrics ? "# EOF\n" : "")
                let scrape = try assembler.read(
                    text, openMetrics: openMetrics, at: (100 + round) * second)
                let points = readPoints(scrape.request)
                let expected = families.flatMap(\.expected)
                let present = points.filter { !$0.data.contains("stale") }
                #expect(
                    present.map(\.summary).sorted() == expected.sorted(), "seed \(seed)\n\(text)")
                // What went is stale, and nothing else.
                let now = Set(families.flatMap(\.identities))
                let stale = Set(
                    points.filter { $0.data.contains("stale") }.map {
                        "\($0.name){\($0.attributes.joined(separator: ","))}"
                    })
                #expect(stale == before.subtracting(now), "seed \(seed)")
                before = now
            }
        }
    }
}

extension ReadPoint {
    fileprivate var summary: String {
        "\(self) \(type) \(help) \(attributes.count)"
    }
}

struct Random: RandomNumberGenerator {
    private var state: UInt64
    init(_ seed: UInt64) { state = seed &* 0x9e37_79b9_7f4a_7c15 | 1 }
    mutating func next() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state &* 0x2545_f491_4f6c_dd1d
    }
    mutating func flips() -> Bool { Int.random(in: 0..<3, using: &self) == 0 }
    mutating func below(_ limit: Int) -> Int { Int.random(in: 0..<limit, using: &self) }
}

/// A family with up to five metrics, and what shall come of it.
private struct Family {
    let name: String
    let type: MetricType
    let help: String
    /// The labels of each metric.
    var metrics: [[(String, String)]]
    var values: [[Double]] = []
    let bounds: [Double]
    let isPlain: Bool

    init(_ random: inout Random, _ openMetrics: Bool) {
        let types: [MetricType] =
            openMetrics
            ? MetricType.allCases : [.unknown, .counter, .gauge, .histogram, .summary]
        type = types[random.below(types.count)]
        isPlain = random.below(4) > 0
        name = (isPlain ? "m" : "m.ü \"x\"\\") + "\(random.below(1000))"
        help = ["", "Some help.", "Two\nlines \\ and \"quotes\""][random.below(3)]
        bounds = Array([0.005, 0.1, 1, 2.5, 100, 1e6].shuffled(using: &random).prefix(3).sorted())
        var seen: Set<String> = []
        metrics = []
        for _ in 0..<1 + random.below(5) {
            let labels = ["a", "b", "le_x", "Zeta"].shuffled(using: &random)
                .prefix(random.below(4))
                .map { ($0, ["v", "w w", "é{}", "q\"\\\n,", "="][random.below(5)]) }
            let key = labels.map { "\($0)=\($1)" }.sorted().joined()
            if seen.insert(key).inserted { metrics.append(labels) }
        }
    }

    mutating func change(_ random: inout Random) {
        if random.flips() { metrics.shuffle(using: &random) }
        values = metrics.map { _ in
            (0..<4).map { _ in
                random.flips()
                    ? Double(random.below(1000)) : Double.random(in: -1e9...1e9, using: &random)
            }
        }
    }

    private var isComposed: Bool {
        type == .histogram || type == .gaugeHistogram || type == .summary
    }
    private var sample: String {
        name + (type == .counter ? "_total" : type == .info ? "_info" : "")
    }

    // MARK: Writing

    func text(_ openMetrics: Bool) -> String {
        let typeName = type == .unknown && !openMetrics ? "untyped" : type.rawValue
        let declared = type == .counter && !openMetrics ? sample : name
        let quoted = isPlain ? declared : "\"\(escaped(declared))\""
        var helpText = help.replacing("\\", with: "\\\\").replacing("\n", with: "\\n")
        if openMetrics { helpText.replace("\"", with: "\\\"") }
        var text = help.isEmpty ? "" : "# HELP \(quoted) \(helpText)\n"
        text += "# TYPE \(quoted) \(typeName)\n"
        for (labels, values) in zip(metrics, values) {
            guard isComposed else {
                text += line(sample, labels, values[0])
                continue
            }
            let counts = self.counts(values)
            if type == .summary {
                for (quantile, value) in zip(quantiles, values) {
                    text += line(name, labels + [("quantile", "\(quantile)")], value)
                }
            } else {
                var sum: UInt64 = 0
                for (bound, count) in zip(bounds + [.infinity], counts) {
                    sum += count
                    let le = bound.isInfinite ? "+Inf" : bound == 100 ? "100" : "\(bound)"
                    text += line(name + "_bucket", labels + [("le", le)], Double(sum))
                }
            }
            let prefix = type == .gaugeHistogram ? "_g" : "_"
            text += line(name + prefix + "sum", labels, values[0])
            text += line(name + prefix + "count", labels, Double(counts.reduce(0, +)))
        }
        return text
    }

    private var quantiles: [Double] { [0, 0.5, 0.99] }

    private func counts(_ values: [Double]) -> [UInt64] { values.map { UInt64($0.magnitude) } }

    private func line(_ name: String, _ labels: [(String, String)], _ value: Double) -> String {
        var pairs = labels.map { "\($0)=\"\(escaped($1))\"" }
        if !isPlain { pairs.insert("\"\(escaped(name))\"", at: 0) }
        let braces = pairs.isEmpty ? "" : "{\(pairs.joined(separator: ","))}"
        return "\(isPlain ? name : "")\(braces) \(value)\n"
    }

    private func escaped(_ text: String) -> String {
        text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing(
            "\n", with: "\\n")
    }

    // MARK: What shall arrive

    private func attributes(_ labels: [(String, String)]) -> String {
        labels.map { "\($0)=\($1)" }.sorted().joined(separator: ",")
    }

    var identities: [String] {
        metrics.map { "\(isComposed ? name : sample){\(attributes($0))}" }
    }

    var expected: [String] {
        zip(metrics, values).map { labels, values in
            let counts = self.counts(values)
            let total = counts.reduce(0, +)
            let kind: String
            let data: String
            switch type {
            case .histogram, .gaugeHistogram:
                kind = "histogram"
                data = "\(total) \(values[0]) \(bounds) \(counts)"
            case .summary:
                kind = "summary"
                data = "\(total) \(values[0]) \(zip(quantiles, values).map { "\($0)=\($1)" })"
            case .counter: (kind, data) = ("counter", "\(values[0])")
            case .info, .stateset: (kind, data) = ("state", "\(values[0])")
            case .gauge, .unknown: (kind, data) = ("gauge", "\(values[0])")
            }
            let name = isComposed ? self.name : sample
            return "\(name){\(attributes(labels))} \(kind) \(data) \(type.rawValue) \(help) "
                + "\(labels.count)"
        }
    }
}
