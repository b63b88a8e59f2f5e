import Foundation
import Testing
import WeirSDK
import WeirTestKit

@testable import PostgresqlPlugin

/// For other versions than the one that Debian has: `WEIR_POSTGRESQL=postgresql://... swift test`.
struct CatalogServerTests {
    private static let endpoint = ProcessInfo.processInfo.environment["WEIR_POSTGRESQL"]

    @Test(.enabled(if: endpoint != nil)) func everyStatementRuns() throws {
        let host = FakeHost()
        let exporter = try host.exporter(
            try #require(Self.endpoint), #""stat_statements": {"query_length": 60}"#)
        let metrics = try exporter.collect()
        #expect(metrics.value("pg_exporter_last_scrape_error") == 0, "\(host.logs.map(\.message))")
        print(metrics.values(of: "short_version", in: "pg_static"), metrics.names.count)
        try exporter.end()
    }
}
