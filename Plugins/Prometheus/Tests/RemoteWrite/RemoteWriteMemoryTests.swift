import Glibc
import Testing
import WeirPrometheus
import WeirTelemetry

@testable import PrometheusPlugin

@Suite struct RemoteWriteMemoryTests {
    /// What a series costs the sink while nothing of it waits: its attributes, by which it is
    /// found again, its labels, as they stand in requests, and the tables around both. In a
    /// process of its own, because what other tests allocate counts, too.
    @Test func aSeriesIsSmall() async {
        await #expect(processExitsWith: .success) {
            let sizes = RemoteWriteMessage.allCases.map(RemoteWriteMemoryTests.size)
            // Nothing is counted under a sanitizer.
            precondition(
                sizes == [0, 0] || sizes.allSatisfy((100...400).contains),
                "\(sizes) bytes a series")
        }
    }

    /// Points that are not seen for a while give everything back: their series, the lists of
    /// those that have several, and the texts; what is there anew has no trace of them.
    @Test(arguments: RemoteWriteMessage.allCases)
    func whatVanishesIsForgotten(message: RemoteWriteMessage) {
        let translator = SeriesTranslator<PointEntry>(TranslationOptions())
        var store = SeriesStore(message, relabel: RelabelRules(), sendsExemplars: true)
        func translate(_ request: [UInt8], atSecond second: UInt64) {
            unsafe translator.translate(
                request.span.bytes, now: second * 1_000_000_000,
                make: { store.entry(for: $0) }, forget: { store.forget($0) }
            ) { _, _ in }
            store.collect()
        }
        func request(_ round: Int) -> [UInt8] {
            var builder = RequestBuilder(.metrics)
            builder.resource([Attribute("service.name", .string("j"))])
            builder.scope(name: Provenance.scopeName)
            builder.metric(
                "c\(round)_total", .sum(.cumulative, isMonotonic: true),
                metadata: [
                    Attribute(Provenance.typeKey, "counter"),
                    Attribute(Provenance.createdKey, "true"),
                ])
            for index in 0..<20 {
                builder.point(
                    .double(1), at: 2_000_000_000, since: 1_000_000_000,
                    attributes: [Attribute("id", .string("\(index)"))])
            }
            return builder.finish()
        }
        let series = message == .v1 ? 40 : 20
        for round in 0..<5 {
            translate(request(round % 2), atSecond: 1000 * UInt64(round + 1))
            #expect(store.count == series && store.all.count <= 2 * series)
            #expect(translator.count == 20)
            #expect(store.labels.symbols.capacity <= 60)
        }
    }

    /// Bytes a series.
    private static func size(_ message: RemoteWriteMessage) -> Int {
        let count = 10_000
        let request = shop(series: count)
        let before = allocated()
        let translator = SeriesTranslator<PointEntry>(TranslationOptions())
        var store = SeriesStore(message, relabel: RelabelRules(), sendsExemplars: true)
        unsafe translator.translate(
            request.span.bytes, now: 1, make: { store.entry(for: $0) }
        ) { _, _ in }
        precondition(store.count == count)
        defer { withExtendedLifetime((translator, store)) {} }
        return (allocated() - before) / count
    }

    /// What is allocated in all, as far as the C library says so; 0 where it does not, as under a
    /// sanitizer.
    static func allocated() -> Int {
        guard let symbol = unsafe dlsym(nil, "malloc_info") else { return 0 }
        typealias Info = @convention(c) (CInt, UnsafeMutablePointer<FILE>) -> CInt
        let info = unsafe unsafeBitCast(symbol, to: Info.self)
        var text: UnsafeMutablePointer<CChar>?
        var size = 0
        guard let file = unsafe open_memstream(&text, &size) else { return 0 }
        let result = unsafe info(0, file)
        unsafe fclose(file)
        defer { unsafe free(text) }
        guard result == 0, let text = unsafe text else { return 0 }
        // The totals come last.
        var total: [Substring: Int] = [:]
        for line in unsafe String(cString: text).split(separator: "\n") {
            let words = line.split(separator: "\"")
            guard words.count > 2, words[0].hasSuffix(" type=") else { continue }
            total[words[0].dropFirst() + words[1]] = Int(words[words.count - 2])
        }
        let inHeaps = total["system type=current", default: 0]
        let free = total["total type=fast", default: 0] + total["total type=rest", default: 0]
        return inHeaps - free + total["total type=mmap", default: 0]
    }

    /// Counters of a web shop from ten targets, 50 series a family, as the benchmark has them.
    private static func shop(series: Int) -> [UInt8] {
        var builder = RequestBuilder(.metrics)
        for target in 0..<10 {
            builder.resource([
                Attribute("service.name", .string("shop")),
                Attribute("service.instance.id", .string("target-\(target)")),
            ])
            builder.scope(name: Provenance.scopeName)
            for index in 0..<series / 10 {
                if index % 50 == 0 {
                    builder.metric(
                        "shop_http_requests_\(index / 50)_total",
                        description: "Requests served.", .sum(.cumulative, isMonotonic: true),
                        metadata: [Attribute(Provenance.typeKey, "counter")])
                }
                builder.point(
                    .double(1), at: 1_700_000_000_000_000_000,
                    attributes: [
                        Attribute("handler", .string("h\(index % 50)")),
                        Attribute("method", .string("GET")),
                        Attribute("route", .string("/api/v1/products/{id}")),
                        Attribute("status", .string("\(200 + index % 5)")),
                    ])
            }
        }
        return builder.finish()
    }
}
