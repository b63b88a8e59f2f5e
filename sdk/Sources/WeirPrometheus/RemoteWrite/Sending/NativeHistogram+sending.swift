public import WeirTelemetry

extension NativeHistogram {
    /// From OTLP; `nil` if its buckets are wider than Prometheus' widest, or beyond its last.
    ///
    /// Buckets that are finer than Prometheus' finest are merged. A stale point has nothing but
    /// its mark.
    public init?(_ point: borrowing ExponentialHistogramDataPointView, isGauge: Bool) {
        guard point.scale >= -4 else { return nil }
        self.init()
        timestamp = Int64(point.timeUnixNano / 1_000_000)
        if isGauge { resetHint = .gauge }
        guard point.flags & 1 == 0 else {
            sum = staleMarker
            return
        }
        count = .int(point.count)
        sum = point.sum ?? 0
        schema = min(point.scale, 8)
        zeroThreshold = point.zeroThreshold
        zeroCount = .int(point.zeroCount)
        let shift = point.scale - schema
        guard let positive = Buckets(point.positive, shift: shift),
            let negative = Buckets(point.negative, shift: shift)
        else { return nil }
        self.positive = positive
        self.negative = negative
    }
}

extension NativeHistogram.Buckets {
    /// - Parameter shift: by how many scales the buckets become coarser.
    fileprivate init?(_ view: borrowing BucketsView, shift: Int32) {
        self.init()
        var counts = view.bucketCounts
        var index = Int64(view.offset)
        var current: (index: Int64, count: UInt64)?
        var lastCount: Int64 = 0
        var next: Int64?
        var hasPlace = true
        func flush(_ buckets: inout NativeHistogram.Buckets) {
            guard let bucket = current, bucket.count > 0 else { return }
            hasPlace = hasPlace && Int32(exactly: bucket.index) != nil
            let gap = bucket.index - (next ?? 0)
            if next == nil || gap > 2 {
                buckets.spans.append(
                    NativeHistogram.Span(offset: Int32(clamping: gap), length: 0))
            } else if gap > 0 {
                // A short gap costs less as empty buckets than as a span of its own.
                for _ in 0..<gap {
                    buckets.deltas.append(-lastCount)
                    lastCount = 0
                    buckets.spans[buckets.spans.count - 1].length += 1
                }
            }
            let count = Int64(clamping: bucket.count)
            buckets.deltas.append(count - lastCount)
            lastCount = count
            buckets.spans[buckets.spans.count - 1].length += 1
            next = bucket.index + 1
        }
        while let count = counts.next() {
            // OTLP numbers a bucket by its lower bound, Prometheus by its upper.
            let merged = (index >> Int64(min(shift, 62))) + 1
            if current?.index == merged {
                current?.count &+= count
            } else {
                flush(&self)
                current = (merged, count)
            }
            index += 1
        }
        flush(&self)
        guard hasPlace else { return nil }
    }
}
