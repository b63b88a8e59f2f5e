import Foundation

/// A running weir with one exporter or several, whose metrics are on a page.
struct PagedWeir {
    let weir: Weir
    private let port: Int

    /// - Parameter exporters: what stands under `exporters:`, indented by two; `ids` are their names.
    init(
        _ exporters: String, ids: String, environment: [String: String] = [:]
    ) async throws {
        port = try await freePorts(1)[0]
        weir = try await Weir(
            """
            exporters:
            \(exporters)
            sinks:
              prometheus: {endpoint: "127.0.0.1:\(port)"}
            service:
              pipelines:
                metrics: {exporters: [\(ids)], sinks: [prometheus]}
            """,
            environment: ["WEIR_PLUGIN_PATH": Build.plugins].merging(environment) { $1 })
    }

    /// The page, once it is as it should be.
    func page(within seconds: Double = 30, _ isRight: (Exposition) -> Bool) async throws
        -> Exposition
    {
        var last: Exposition?
        let found = await eventually(within: seconds) {
            guard let answer = try? await Answer.get("http://127.0.0.1:\(port)/metrics"),
                answer.status == 200, let page = try? Exposition(answer.text)
            else { return false }
            last = page
            return isRight(page)
        }
        guard found, let last else {
            throw Failure(
                "the page is not as it should be: \(last?.series ?? [:])\n\(weir.log.suffix(3000))")
        }
        return last
    }
}
