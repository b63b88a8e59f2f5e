import Foundation
import Testing
import WeirJSON
import WeirSDK
import WeirTestKit

@testable import PostgresqlPlugin

extension FakeHost {
    /// An exporter with these settings beside its endpoint.
    func exporter(_ endpoint: String, _ settings: String = "") throws -> TestInstance {
        let endpoint = JSONValue.string(endpoint).serialized()
        return try start(
            plugin, .exporter, "postgresql",
            settings: "{\"endpoint\": \(endpoint)\(settings.isEmpty ? "" : ", \(settings)")}",
            file: testFile)
    }
}

/// Where plugin.json is looked for.
private let testFile = #filePath.replacingOccurrences(of: "/Support/", with: "/")

extension CollectedMetrics {
    /// Values of a label.
    func values(of label: String, in name: String) -> Set<String> {
        Set(named(name).compactMap { $0.attributes.text(label) })
    }

    var names: Set<String> { Set(points.map(\.name)) }

    func succeeded(_ collector: String) -> Bool? {
        value("pg_scrape_collector_success", ["collector": collector]).map { $0 == 1 }
    }
}

extension Attributes {
    func text(_ key: String) -> String? {
        for pair in self where pair.key == key {
            if case .string(let text) = pair.value { return text }
        }
        return nil
    }
}
