import Glibc
import WeirJSON
import WeirPrometheus
import WeirSDK

/// `/api/v1/targets` as Prometheus answers it. What it does not have is added under names of its
/// own: `dropReason` says which rule dropped a target.
func targetsResponse(_ pools: [PoolStatus], _ query: TargetQuery) -> Response {
    let pools = pools.filter { query.job.isEmpty || $0.job.name == query.job }
        .sorted { $0.job.name < $1.job.name }
    var json = JSONWriter()
    json.beginObject()
    json.key("status")
    json.string("success")
    json.key("data")
    json.beginObject()
    json.key("activeTargets")
    json.beginArray()
    if query.showsActive {
        for pool in pools {
            for item in pool.sortedActive { json.active(item.target, item.report, pool.job) }
        }
    }
    json.endArray()
    json.key("droppedTargets")
    json.beginArray()
    if query.showsDropped { for pool in pools { json.dropped(pool) } }
    json.endArray()
    json.key("droppedTargetCounts")
    json.beginObject()
    if query.showsDropped {
        for pool in pools {
            json.key(pool.job.name)
            json.integer(pool.droppedCount)
        }
    }
    json.endObject()
    json.endObject()
    json.endObject()
    return Response(code: 200, contentType: "application/json", body: json.bytes)
}

extension PoolStatus {
    /// By URL, so that the same target stands in the same place.
    var sortedActive: [(target: Target, report: ScrapeReport)] {
        active.map { (key: $0.target.url + $0.target.labels.description, item: $0) }
            .sorted { $0.key < $1.key }.map(\.item)
    }
}

extension JSONWriter {
    fileprivate mutating func active(_ target: Target, _ report: ScrapeReport, _ job: ScrapeJob) {
        beginObject()
        labels("discoveredLabels", target.printableDiscovered)
        labels("labels", Target.printable(target.labels))
        text("scrapePool", job.name)
        text("scrapeUrl", target.printableURL)
        text("globalUrl", target.globalURL)
        text("lastError", report.error)
        // What never was is Go's zero time.
        text(
            "lastScrape",
            report.moment == 0
                ? "0001-01-01T00:00:00Z" : CalendarTime(unixNanoseconds: report.moment).rfc3339)
        key("lastScrapeDuration")
        double(Double(report.duration) / 1e9)
        text("health", report.health.rawValue)
        text("scrapeInterval", PrometheusDuration(nanoseconds: target.interval).text)
        text("scrapeTimeout", PrometheusDuration(nanoseconds: target.timeout).text)
        endObject()
    }

    fileprivate mutating func dropped(_ pool: PoolStatus) {
        for discovered in pool.dropped {
            dropped(discovered, pool.job, pool.reason(discovered))
        }
        for failed in pool.failed { dropped(failed.discovered, pool.job, failed.message) }
    }

    private mutating func dropped(_ discovered: Labels, _ job: ScrapeJob, _ reason: String) {
        beginObject()
        labels("discoveredLabels", Target.printable(discovered))
        text("scrapePool", job.name)
        text("dropReason", reason)
        endObject()
    }

    private mutating func labels(_ name: StaticString, _ labels: Labels) {
        key(name)
        beginObject()
        for label in labels.all {
            key(label.name)
            string(label.value)
        }
        endObject()
    }

    private mutating func text(_ name: StaticString, _ text: String) {
        key(name)
        string(text)
    }
}

extension Target {
    /// As others can reach it: with the host's name instead of `localhost`.
    var globalURL: String {
        let host =
            address.hasPrefix("[")
            ? address.prefix { $0 != "]" } + "]" : address.prefix { $0 != ":" }
        guard ["localhost", "127.0.0.1", "[::1]"].contains(String(host)) else {
            return printableURL
        }
        var name = [CChar](repeating: 0, count: 256)
        unsafe gethostname(&name, name.count - 1)
        let bytes = name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        let global = String(decoding: bytes, as: UTF8.self) + address.dropFirst(host.count)
        return Target.printable("\(scheme)://\(global)\(path)")
    }
}
