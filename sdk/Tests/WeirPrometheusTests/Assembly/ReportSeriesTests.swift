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
        var request = try ScrapeAssembler().read("a 1\n").request
        series.append(
            [
                ReportSeries.Sample("up", 1),
                ReportSeries.Sample("scrape_duration_seconds", 0.25, unit: "seconds"),
            ], at: 100 * second, to: &request)
        let points = readPoints(request)
        #expect(
            points.map(\.description) == [
                "a{} gauge 1.0", "up{zone=a} gauge 1.0",
                "scrape_duration_seconds{zone=a} gauge 0.25",
            ])
        #expect(points.allSatisfy { $0.resource == ["service.instance.id=i", "service.name=j"] })
        #expect(points[1].type == "gauge" && points[2].unit == "seconds")
    }

    @Test func endsWithStaleMarkers() {
        var request: [UInt8] = []
        series.append([], at: second, to: &request)
        #expect(request.isEmpty)
        series.append([ReportSeries.Sample("up", nil)], at: second, to: &request)
        #expect(readPoints(request).map(\.data) == ["stale"])
    }
}
