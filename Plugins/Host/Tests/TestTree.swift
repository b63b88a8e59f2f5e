import Testing
import WeirSDK
import WeirTestKit

@testable import HostPlugin

/// A folder that looks like the root of a machine, until it is released.
final class TestTree {
    let host = FakeHost()
    private let folder: TemporaryFolder

    var root: String { folder.path }

    init(_ files: [String: String] = [:]) throws {
        folder = try TemporaryFolder()
        try folder.makeFolder("proc")
        for (path, text) in files { try write(text, to: path) }
    }

    func write(_ text: String, to path: String) throws { try folder.write(text, to: path) }
    func link(_ path: String, to target: String) throws { try folder.link(path, to: target) }
    func makeFolder(_ path: String) throws { try folder.makeFolder(path) }

    func start(_ collector: String, _ more: String = "") throws -> TestInstance {
        try host.start(
            plugin, .exporter, "host",
            settings: #"{"root_path": "\#(root)", "collectors": ["\#(collector)"]\#(more)}"#)
    }

    /// What one collector reads, without the lines about the collector.
    func collect(_ collector: String, _ more: String = "") throws -> Collected {
        let instance = try start(collector, more)
        let collected = Collected(try instance.collect())
        try instance.end()
        return collected
    }
}

/// Points by `name{a="b"}`.
struct Collected {
    var values: [String: Double] = [:]
    var kinds: [String: CollectedMetrics.Kind] = [:]
    var isWell = false

    init(_ collected: CollectedMetrics) {
        for point in collected.points {
            #expect(point.isPrometheus, "\(point.name)")
            let labels = point.attributes.map { pair in
                guard case .string(let text) = pair.value else { return "?" }
                return "\(pair.key)=\"\(text)\""
            }
            var value = Double.nan
            if case .integer(let number) = point.value { value = Double(number) }
            if case .number(let number) = point.value { value = number }
            if point.name == "node_scrape_collector_success" { isWell = value == 1 }
            if point.name.hasPrefix("node_scrape_") || point.name.hasPrefix("node_exporter_") {
                continue
            }
            let key =
                labels.isEmpty ? point.name : "\(point.name){\(labels.joined(separator: ","))}"
            #expect(values[key] == nil, "\(key) is there twice")
            values[key] = value
            kinds[point.name] = point.kind
        }
    }

    subscript(key: String) -> Double? { values[key] }
}
