import Testing
import WeirPrometheus
import WeirTelemetry

@Suite struct ReportSeriesTests {
    private let series = ReportSeries(
        labels: Labels([
            Label("job", "j"), Label("instance", "i"), Label("zone", "a"),
            Label("__meta_x", "no"), Label("__name__", "no"),
        ]))

    @Test func addsGaugesToAScrape() throws {
        let request = try ScrapeAssembler().read("a 1\n").request
        let report = series.request(
            [
                ReportSeries.Sample("up", 1),
                ReportSeries.Sample("scrape_duration_seconds", 0.25, unit: "seconds"),
            ], at: 100 * second)
        let points = readPoints(request + report)
        #expect(
            points.map(\.description) == [
                "a{} gauge 1.0", "up{zone=a} gauge 1.0",
                "scrape_duration_seconds{zone=a} gauge 0.25",
            ])
        #expect(points.allSatisfy { $0.resource == ["service.instance.id=i", "service.name=j"] })
        #expect(points[1].type == "gauge" && points[2].unit == "seconds")
    }

    @Test func endsWithStaleMarkers() {
        #expect(series.request([], at: second).isEmpty)
        let request = series.request([ReportSeries.Sample("up", nil)], at: second)
        #expect(readPoints(request).map(\.data) == ["stale"])
    }
}
