import WeirJSON
import WeirSDK
import WeirTestKit

@testable import PrometheusPlugin

/// The jobs of what stands under `config`, on a host that knows expressions.
func jobs(_ config: String) throws -> [ScrapeJob] {
    let json = try JSONValue(parsing: #"{"config": \#(config)}"#)
    let settings = try HostSettings(json).decode(ScrapeSettings.self)
    return try ScrapeJob.all(settings, lasting.asSeenByPlugin)
}

/// Rules go on asking their host for as long as they live.
private let lasting = FakeHost()
