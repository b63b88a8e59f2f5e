import Foundation
import Testing
import WeirSDK
import WeirTestKit

@testable import HostPlugin

struct HostTests {
    private let host = FakeHost()

    @Test func conforms() throws { try conformance(plugin) }

    /// This very machine.
    @Test func readsThisMachine() throws {
        let instance = try host.start(plugin, .exporter, "host")
        _ = try instance.collect()
        let found = try instance.collect()
        #expect(found.named("node_cpu_seconds_total").count >= 8)
        #expect(found.points.count > 200)
        let keys = found.points.map { "\($0.name) \($0.attributes)" }
        #expect(Set(keys).count == keys.count)
        #expect(found.points.allSatisfy { $0.isPrometheus })
        try instance.end()
    }

    @Test func unknownCollectorsAreErrors() throws {
        let error = #expect(throws: ComponentError.self) {
            try host.start(
                plugin, .exporter, "host", settings: #"{"exclude_collectors": ["cpus"]}"#)
        }
        #expect(error?.message.contains("there is no collector 'cpus'; there are arp,") == true)
    }

    @Test func badPatternsAreErrors() throws {
        let error = #expect(throws: ComponentError.self) {
            try host.start(
                plugin, .exporter, "host",
                settings: #"{"netdev": {"device_exclude": "("}}"#)
        }
        #expect(error?.message.contains("netdev.device_exclude: '('") == true)
    }

    /// Nothing of what is missing is an error, and all else is there.
    @Test func anEmptyMachine() throws {
        let tree = try TestTree()
        let instance = try tree.host.start(
            plugin, .exporter, "host", settings: #"{"root_path": "\#(tree.root)"}"#)
        let found = try instance.collect()
        let well = found.named("node_scrape_collector_success").filter { $0.value == .integer(1) }
        #expect(found.named("node_scrape_collector_success").count == 35)
        #expect(well.count < 16)
        #expect(tree.host.logs.allSatisfy { $0.level < .warning })
        try instance.end()
    }

    /// Each collection leaves as many descriptors as there were.
    @Test func leaksNoDescriptors() throws {
        let instance = try host.start(plugin, .exporter, "host")
        _ = try instance.collect()
        let before = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count
        for _ in 0..<50 { _ = try instance.collect() }
        let after = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count
        // Other tests run at the same time.
        #expect(after < before + 40)
        try instance.end()
    }

    @Test func theDeadlineEndsIt() throws {
        let instance = try host.start(plugin, .exporter, "host")
        let past = Deadline(monotonicNanoseconds: 1)
        let error = #expect(throws: ComponentError.self) { try instance.collect(deadline: past) }
        #expect(error?.kind == .timeout)
        try instance.end()
    }
}

extension LogLevel {
    fileprivate static func < (left: LogLevel, right: LogLevel) -> Bool {
        left.rawValue < right.rawValue
    }
}
