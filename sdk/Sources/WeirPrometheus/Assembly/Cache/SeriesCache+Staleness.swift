import WeirTelemetry

extension SeriesCache {
    /// Marks the series stale that this scrape does not have, and forgets what they belonged to.
    mutating func retireVanished() {
        var parts: [UInt32: [UInt32]] = [:]
        var vanished: [UInt32] = []
        for index in series.indices where series[index].seen != scrape && series[index].isBound {
            let point = series[index].point
            if series[index].role != .created,
                families[Int(points[Int(point)].family)].key.kind.isComposed
            {
                parts[point, default: []].append(UInt32(index))
            } else {
                vanished.append(UInt32(index))
            }
        }
        for index in vanished where series[Int(index)].role != .created { markStale(index) }
        for (point, gone) in parts.sorted(by: { $0.key < $1.key }) {
            let composition = compositions[Int(points[Int(point)].source)]
            if gone.count == composition.all.count, composition.wasWhole {
                markComposedStale(point)
            } else {
                markPartsStale(composition)
            }
            for index in gone { series[Int(index)].flags.remove(.live) }
            if gone.count == composition.all.count {
                detachAll(of: point)
            } else {
                for index in gone { detach(index) }
            }
        }
        for index in vanished where series[Int(index)].isBound {
            series[Int(index)].flags.remove(.live)
            detach(index)
        }
    }

    /// Marks every series of the last scrape stale. What they belong to stays known.
    mutating func retireAll() {
        for point in points.indices where !points[point].isDead {
            let isComposed = families[Int(points[point].family)].key.kind.isComposed
            if isComposed {
                let composition = compositions[Int(points[point].source)]
                if composition.wasWhole {
                    markComposedStale(UInt32(point))
                } else {
                    markPartsStale(composition)
                }
                for index in composition.all { series[Int(index)].flags.remove(.live) }
            } else {
                markStale(points[point].source)
                series[Int(points[point].source)].flags.remove(.live)
            }
        }
    }

    /// Whether a stale marker is due: not for what the last scrape did not have, and, unless it was
    /// asked for, not for series with timestamps of their own.
    private func isDue(_ index: UInt32) -> Bool {
        let flags = series[Int(index)].flags
        return flags.contains(.live)
            && (!flags.contains(.hasTime) || options.trackTimestampsStaleness)
    }

    /// Marks the parts stale that this scrape does not have, each alone.
    private mutating func markPartsStale(_ composition: Composition) {
        for (bound, part) in zip(composition.bounds, composition.parts)
        where series[Int(part)].seen != scrape {
            markStale(part, bound: bound)
        }
        for part in [composition.sum, composition.count]
        where part != none && series[Int(part)].seen != scrape {
            markStale(part)
        }
    }

    private mutating func markStale(_ index: UInt32, bound: Double? = nil) {
        guard isDue(index) else { return }
        if series[Int(index)].role == .native {
            let point = points[Int(series[Int(index)].point)]
            beginLoose(point.family)
            let frame = beginPoint(start: 0, at: now)
            scratch.appendField(10, varint: 1)
            endPoint(frame, attributes: point.attributes)
            endLoose(point.family)
        } else {
            let point = Int(series[Int(index)].point)
            let start = points[point].start
            points[point].start = 0
            appendLoose(index, nil, at: now, bound: bound)
            points[point].start = start
        }
    }

    /// A point without a recorded value that still has its bounds or quantiles, because each of
    /// them was a series for Prometheus.
    private mutating func markComposedStale(_ index: UInt32) {
        let point = points[Int(index)]
        let composition = compositions[Int(point.source)]
        guard composition.all.contains(where: { isDue($0) }) else { return }
        beginLoose(point.family)
        let frame = beginPoint(start: 0, at: now)
        scratch.appendField(4, fixed64: 0)
        if composition.sum != none { scratch.appendField(5, fixed64: 0) }
        if families[Int(point.family)].key.kind == .summary {
            for quantile in composition.bounds {
                scratch.appendMessage(6) { $0.appendField(1, fixed64: quantile.bitPattern) }
            }
            scratch.appendField(8, varint: 1)
        } else {
            appendEmptyBuckets(composition.bounds)
            scratch.appendField(10, varint: 1)
        }
        endPoint(frame, attributes: point.attributes)
        endLoose(point.family)
    }

    private mutating func appendEmptyBuckets(_ bounds: [Double]) {
        guard !bounds.isEmpty else { return }
        scratch.appendMessage(6) { list in
            for _ in bounds { list.appendFixed64(0) }
        }
        guard bounds.count > 1 else { return }
        scratch.appendMessage(7) { list in
            for bound in bounds.dropLast() { list.appendFixed64(bound.bitPattern) }
        }
    }
}
