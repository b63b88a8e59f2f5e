import Glibc
import Synchronization
import WeirSDK
import WeirTestKit

@testable import PrometheusPlugin

/// A receiver on a fake host, with targets that answer what a test says.
final class ScrapeBench: Sendable {
    let host: FakeHost
    let receiver: TestInstance
    /// Differs from test to test: all receivers of the process are on the same pages.
    let job: String

    private static let count = Atomic<Int>(0)

    /// - Parameter keys: those of the one scrape config beside its name; an interval of 15 s and
    ///   one target `a:9100` unless it says otherwise.
    init(
        _ keys: String = "", targets: String = #"["a:9100"]"#, global: String = "{}",
        answer: (@Sendable (SentRequest) -> FakeReply?)? = nil
    ) throws {
        host = FakeHost()
        job = "bench-\(ScrapeBench.count.add(1, ordering: .relaxed).newValue)"
        if let answer { host.client.answer(answer) }
        let interval = keys.contains("scrape_interval") ? "" : #""scrape_interval": "15s","#
        let comma = keys.isEmpty ? "" : ","
        receiver = try host.start(
            plugin, .receiver, "prometheus",
            settings: """
                {"config": {"global": \(global), "scrape_configs": [{"job_name": "\(job)",
                \(interval) "static_configs": [{"targets": \(targets)}]\(comma) \(keys)}]}}
                """)
    }

    /// All points that came out.
    var points: [Point] {
        get throws { try host.emitted.flatMap { try $0.points } }
    }

    /// The values of one series, in order; `nil` is a stale marker.
    func values(_ name: String) throws -> [Double?] {
        try points.filter { $0.name == name }.map(\.value)
    }

    /// One answer of `/api/v1/targets`.
    func targets(_ query: String = "") throws -> String {
        let exchange = host.admin.send(
            "GET", "/api/v1/targets", query: "scrapePool=\(job)&\(query)")
        return String(decoding: exchange?.response?.body ?? [], as: UTF8.self)
    }

    func end() throws { try receiver.end() }
}

extension FakeReply {
    /// An exposition as text.
    static func text(_ body: String) -> FakeReply {
        FakeReply(code: 200, body: Array(body.utf8), contentType: "text/plain; version=0.0.4")
    }
}

/// Waits for what another thread does, up to a minute: it may have little of a busy machine.
func eventually(_ condition: () throws -> Bool) throws -> Bool {
    let end = ContinuousClock.now + .seconds(60)
    while ContinuousClock.now < end {
        if try condition() { return true }
        usleep(200)
    }
    return try condition()
}

/// Something that happened on another thread.
final class Flag: Sendable {
    private let state = Atomic(false)

    var isSet: Bool { state.load(ordering: .acquiring) }
    func set() { state.store(true, ordering: .releasing) }
}
