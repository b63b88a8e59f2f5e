import WeirPrometheus
import WeirSDK

/// `/targets`: one page that needs nothing else, no script either.
func targetsPage(
    _ pools: [PoolStatus], _ notable: [Discovery.Status], _ query: TargetQuery, now: UInt64
) -> Response {
    let pools = pools.sorted { $0.job.name < $1.job.name }
    var page = HTML()
    page.raw(pageStart)
    page.filters(pools, query)
    for discovery in notable { page.notable(discovery) }
    var left = mostShown
    let start = page.bytes.count
    for pool in pools where query.job.isEmpty || pool.job.name == query.job {
        page.pool(pool, query, now, &left)
    }
    if pools.isEmpty {
        page.raw("<p>There are no jobs.</p>")
    } else if page.bytes.count == start {
        page.raw("<p>No target is like that: <a href=\"targets\">show all</a>.</p>")
    }
    if left == 0 {
        page.raw("<p>Only the first \(mostShown) are shown: narrow it down, or see ")
        page.raw("<a href=\"api/v1/targets\">all of them as JSON</a>.</p>")
    }
    page.raw("</main></body></html>\n")
    return Response(
        code: 200, contentType: "text/html; charset=utf-8", body: page.bytes,
        headers: [
            // What targets and discovery say must not become code here.
            Header(
                "content-security-policy",
                "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'"),
            Header("x-content-type-options", "nosniff"),
            Header("cache-control", "no-store"),
        ])
}

private let mostShown = 500

extension HTML {
    fileprivate mutating func filters(_ pools: [PoolStatus], _ query: TargetQuery) {
        let reports = pools.flatMap(\.active).map(\.report)
        func count(_ health: ScrapeReport.Health) -> Int {
            reports.reduce(0) { $0 + ($1.health == health ? 1 : 0) }
        }
        raw("<p class=\"sum\"><b class=\"up\">\(count(.up)) up</b> ")
        raw("<b class=\"down\">\(count(.down)) down</b> ")
        raw("<b class=\"unknown\">\(count(.unknown)) not scraped yet</b> ")
        raw("<span>\(pools.reduce(0) { $0 + $1.droppedCount }) dropped</span></p>")
        raw("<form method=\"get\">")
        select("job", [("", "all jobs")] + pools.map { ($0.job.name, $0.job.name) }, query.job)
        select(
            "health",
            [("", "any health"), ("up", "up"), ("down", "down"), ("unknown", "not scraped yet")],
            query.health)
        raw("<input type=\"search\" name=\"search\" placeholder=\"URL, label or error\" ")
        raw("aria-label=\"search\" value=\"")
        text(query.search)
        raw("\"><button>Filter</button></form>")
    }

    private mutating func select(
        _ name: String, _ options: [(value: String, shown: String)], _ chosen: String
    ) {
        raw("<select name=\"\(name)\" aria-label=\"\(name)\">")
        for option in options {
            raw("<option value=\"")
            text(option.value)
            raw(option.value == chosen ? "\" selected>" : "\">")
            text(option.shown)
            raw("</option>")
        }
        raw("</select>")
    }

    fileprivate mutating func notable(_ discovery: Discovery.Status) {
        let fails = !discovery.lastError.isEmpty
        raw("<article class=\"\(fails ? "down" : "unknown")\"><header><b>")
        raw(fails ? "discovery fails" : "discovery finds less than it could")
        raw("</b><code>")
        text(discovery.name)
        raw("</code></header>")
        for message in [discovery.lastError, discovery.remark] where !message.isEmpty {
            raw("<p class=\"error\">")
            text(message)
            raw("</p>")
        }
        raw("</article>")
    }

    fileprivate mutating func pool(
        _ pool: PoolStatus, _ query: TargetQuery, _ now: UInt64, _ left: inout Int
    ) {
        let shown = pool.sortedActive.filter { query.admits($0.target, $0.report) }
        let isAnything = query.health.isEmpty && query.search.isEmpty
        if shown.isEmpty, !isAnything, !query.admitsOthers(pool) { return }
        let up = pool.active.count { $0.report.health == .up }
        raw("<section><h2>")
        text(pool.job.name)
        raw(" <small>\(up) of \(pool.active.count) up</small></h2>")
        for item in shown.prefix(left) { target(item.target, item.report, now) }
        left -= min(left, shown.count)
        if query.health.isEmpty || query.health == "down" { failed(pool, query, &left) }
        if query.health.isEmpty { dropped(pool, query, &left) }
        raw("</section>")
    }

    private mutating func target(_ target: Target, _ report: ScrapeReport, _ now: UInt64) {
        let shown = report.health == .unknown ? "not scraped yet" : report.health.rawValue
        raw("<article class=\"\(report.health.rawValue)\"><header><b>\(shown)</b><code>")
        text(target.printableURL)
        raw("</code></header>")
        if !report.error.isEmpty {
            raw("<p class=\"error\">")
            text(report.error)
            raw("</p>")
        }
        raw("<p class=\"facts\">")
        if report.moment != 0 {
            raw("<span>\(ago(report.moment, now))</span>")
            raw("<span>took \(milliseconds(report.duration))</span>")
            raw("<span>\(report.samplesScraped) samples</span>")
        }
        raw("<span>every \(PrometheusDuration(nanoseconds: target.interval).text)</span>")
        if report.skipped > 0 { raw("<span>\(report.skipped) skipped</span>") }
        if report.dropped > 0 { raw("<span>\(report.dropped) not delivered</span>") }
        raw("</p>")
        labels(Target.printable(target.labels))
        details("as it was found", target.printableDiscovered)
        raw("</article>")
    }

    private mutating func failed(_ pool: PoolStatus, _ query: TargetQuery, _ left: inout Int) {
        for failed in pool.failed where left > 0 && query.admits(failed.discovered, failed.message)
        {
            left -= 1
            raw("<article class=\"down\"><header><b>cannot be scraped</b></header>")
            raw("<p class=\"error\">")
            text(failed.message)
            raw("</p>")
            labels(Target.printable(failed.discovered))
            raw("</article>")
        }
    }

    private mutating func dropped(_ pool: PoolStatus, _ query: TargetQuery, _ left: inout Int) {
        guard pool.droppedCount > 0 else { return }
        let isSought = !query.search.isEmpty
        if isSought, !pool.dropped.contains(where: { query.admits($0, "") }) { return }
        raw("<details class=\"dropped\"\(isSought ? " open" : "")><summary>")
        raw("\(pool.droppedCount) dropped by relabelling")
        if pool.droppedCount > pool.dropped.count { raw(", \(pool.dropped.count) remembered") }
        raw("</summary>")
        for discovered in pool.dropped where left > 0 && query.admits(discovered, "") {
            left -= 1
            raw("<article><p class=\"error\">")
            text(pool.reason(discovered))
            raw("</p>")
            labels(Target.printable(discovered))
            raw("</article>")
        }
        raw("</details>")
    }

    private mutating func details(_ title: String, _ shown: Labels) {
        raw("<details><summary>\(title)</summary>")
        labels(shown)
        raw("</details>")
    }

    private mutating func labels(_ labels: Labels) {
        raw("<p class=\"labels\">")
        for label in labels.all {
            raw("<span>")
            text(label.name)
            raw("=")
            text(label.value)
            raw("</span> ")
        }
        raw("</p>")
    }
}

extension TargetQuery {
    fileprivate func admits(_ target: Target, _ report: ScrapeReport) -> Bool {
        guard health.isEmpty || health == report.health.rawValue else { return false }
        return search.isEmpty || has(target.printableURL) || admits(target.labels, report.error)
            || admits(target.printableDiscovered, "")
    }

    fileprivate func admits(_ labels: Labels, _ error: String) -> Bool {
        search.isEmpty || !error.isEmpty && has(error)
            || Target.printable(labels).all.contains { has("\($0.name)=\($0.value)") }
    }

    /// Whether something of a job is shown that is not scraped.
    fileprivate func admitsOthers(_ pool: PoolStatus) -> Bool {
        let showsFailed = health.isEmpty || health == "down"
        if showsFailed, pool.failed.contains(where: { admits($0.discovered, $0.message) }) {
            return true
        }
        return health.isEmpty && pool.dropped.contains { admits($0, "") }
    }

    /// Whether a text is searched for. Upper and lower case are the same.
    private func has(_ text: String) -> Bool {
        text.lowercased().contains(search.lowercased())
    }
}

private func ago(_ moment: UInt64, _ now: UInt64) -> String {
    let seconds = now > moment ? (now - moment) / 1_000_000_000 : 0
    switch seconds {
    case 0: return "just now"
    case ..<120: return "\(seconds) s ago"
    case ..<7200: return "\(seconds / 60) min ago"
    default: return "\(seconds / 3600) h ago"
    }
}

private func milliseconds(_ duration: UInt64) -> String {
    duration < 10_000_000_000
        ? "\(duration / 1_000_000) ms" : "\(duration / 1_000_000_000) s"
}
