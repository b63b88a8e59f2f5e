/// Turns one target's expositions into OTLP requests, and remembers between them what does not
/// change: labels after relabelling, their encoding, start times.
///
/// One per target. Not safe for use by two threads at a time, but it may move between threads.
public final class ScrapeAssembler {
    /// Gives the final labels of a series (the target's merged in, relabelled), or `nil` if it is
    /// dropped. It gets the series' own, `__name__` among them, once for each series that the
    /// scrape before did not have.
    public typealias Relabel = (Labels) -> Labels?

    public let options: AssemblyOptions
    private let relabel: Relabel
    private var cache: SeriesCache

    public init(options: AssemblyOptions, relabel: @escaping Relabel) {
        self.options = options
        self.relabel = relabel
        cache = SeriesCache(options: options)
    }

    /// Reads what the target answered at `scrapeTimeUnixNano`. Series that the last scrape had and
    /// this one has not get a point without a recorded value.
    ///
    /// After an error nothing is passed on of this scrape; the caller marks the target's series
    /// stale with ``markAllStale(at:inArray:)``.
    ///
    /// - Parameter inArray: whether the result has the request; otherwise ``writeRequest(to:)``
    ///   follows, before anything else is read.
    public func read(
        _ body: RawSpan, contentType: String, at scrapeTimeUnixNano: UInt64, inArray: Bool = true
    ) throws(ExpositionError) -> Scrape {
        guard let format = ExpositionFormat(contentType: contentType) ?? options.fallbackFormat
        else {
            throw ExpositionError(
                .contentType,
                "found the Content-Type \"\(contentType)\", expected text/plain, "
                    + "application/openmetrics-text or application/vnd.google.protobuf; "
                    + "fallback_scrape_protocol says what is meant")
        }
        cache.begin(at: scrapeTimeUnixNano, format: format)
        do throws(ExpositionError) {
            switch format {
            // An empty answer is an empty exposition, whatever it is said to be.
            case _ where body.byteCount == 0: break
            case .text, .openMetrics:
                var reader = TextReader(body, openMetrics: format == .openMetrics)
                try cache.read(&reader, relabel)
            case .protobuf:
                var reader = ProtobufReader(body)
                try cache.read(&reader, body, relabel)
            }
            return result(try cache.settle(relabel, in: body), inArray)
        } catch {
            throw cache.failed(error)
        }
    }

    /// A stale point for every series of the last scrape; the next one adds them all anew. For a
    /// scrape that failed and a target that is gone.
    public func markAllStale(at timeUnixNano: UInt64, inArray: Bool = true) -> Scrape {
        result(cache.markAllStale(at: timeUnixNano), inArray)
    }

    /// Writes the last request to the beginning of memory that has room for its
    /// ``Scrape/byteCount``.
    public func writeRequest(to memory: inout MutableRawSpan) { cache.write(to: &memory) }

    private func result(_ scrape: Scrape, _ inArray: Bool) -> Scrape {
        guard inArray, scrape.byteCount > 0 else { return scrape }
        var scrape = scrape
        scrape.request = [UInt8](repeating: 0, count: scrape.byteCount)
        unsafe scrape.request.withUnsafeMutableBytes { bytes in
            var memory = unsafe MutableRawSpan(_unsafeBytes: bytes)
            writeRequest(to: &memory)
        }
        return scrape
    }

    /// The series that are remembered, those included that will be forgotten.
    public var knownSeries: Int { cache.series.count }
}
