import Foundation
import Testing
import WeirSDK
import WeirTestKit

@testable import HostPlugin

/// This machine, as the real node_exporter sees it: where it is installed.
struct CounterpartTests {
    private static let program = "/usr/bin/prometheus-node-exporter"
    private static let isInstalled = FileManager.default.isExecutableFile(atPath: program)

    struct Family {
        var type = ""
        var labels: Set<String> = []
    }

    /// Families by name; labels that are empty in a series are none.
    static func families(_ page: String) -> [String: Family] {
        var families: [String: Family] = [:]
        for line in page.split(separator: "\n") {
            let words = line.split(separator: " ")
            if line.hasPrefix("# TYPE "), words.count == 4 {
                families[String(words[2]), default: Family()].type = String(words[3])
            } else if !line.hasPrefix("#"), let name = line.firstMatch(of: #/^[a-zA-Z_:0-9]+/#) {
                for label in line.matches(of: #/([a-z_A-Z0-9]+)="([^"]+)"/#) {
                    families[String(name.0), default: Family()].labels.insert(String(label.1))
                }
            }
        }
        return families
    }

    private func theirs() throws -> String {
        let exporter = Process()
        exporter.executableURL = URL(filePath: Self.program)
        let port = 20_000 + Int(getpid()) % 20_000
        exporter.arguments = ["--web.listen-address=127.0.0.1:\(port)"]
        exporter.standardError = FileHandle.nullDevice
        try exporter.run()
        defer { exporter.terminate() }
        let curl = Process()
        curl.executableURL = URL(filePath: "/usr/bin/curl")
        curl.arguments = [
            "-s", "--retry", "20", "--retry-connrefused", "--retry-delay", "1",
            "http://127.0.0.1:\(port)/metrics",
        ]
        let pipe = Pipe()
        curl.standardOutput = pipe
        try curl.run()
        let data = pipe.fileHandleForReading.readDataToEndOfFile()
        curl.waitUntilExit()
        return String(decoding: data, as: UTF8.self)
    }

    @Test(.enabled(if: isInstalled)) func hasTheirMetrics() throws {
        let host = FakeHost()
        let instance = try host.start(plugin, .exporter, "host")
        let collected = try instance.collect()
        try instance.end()
        var ours: [String: Family] = [:]
        for point in collected.points {
            let type =
                switch point.kind {
                case .counter: "counter"
                case .unknown: "untyped"
                default: "gauge"
                }
            var family = ours[point.name] ?? Family()
            family.type = type
            for pair in point.attributes where pair.value != "" { family.labels.insert(pair.key) }
            ours[point.name] = family
        }
        var faults: [String] = []
        let theirs = Self.families(try theirs()).filter { $0.key.hasPrefix("node_") }
        #expect(theirs.count > 100)
        for (name, family) in theirs.sorted(by: { $0.key < $1.key }) {
            guard let own = ours[name] else {
                faults.append("\(name) is absent")
                continue
            }
            if own.type != family.type { faults.append("\(name) is a \(own.type)") }
            if own.labels != family.labels {
                faults.append(
                    "\(name) has \(own.labels.sorted()), theirs \(family.labels.sorted())")
            }
        }
        let allowed = faults.filter { fault in
            !["node_exporter_build_info", "node_xfs_", "node_btrfs_", "node_power_supply_"]
                .contains { fault.hasPrefix($0) }
        }
        #expect(allowed.isEmpty, "\(allowed)")
        #expect(faults.count * 20 <= theirs.count, "\(faults)")
    }
}
