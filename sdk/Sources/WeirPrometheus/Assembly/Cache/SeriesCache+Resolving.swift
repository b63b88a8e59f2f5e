import WeirTelemetry

/// What a line says a series is, before relabelling.
struct DecodedSeries {
    var name: String
    var labels: [Label]
    var meaning: ExposedFamilies.Meaning

    /// The label that tells the parts of a histogram or a summary apart.
    var partLabel: String? {
        switch meaning.type {
        case .histogram, .gaugeHistogram: "le"
        case .summary: "quantile"
        default: nil
        }
    }
}

extension SeriesCache {
    /// Gives each new series its labels and its point.
    mutating func resolveFresh(
        _ relabel: ScrapeAssembler.Relabel, in body: RawSpan
    ) throws(ExpositionError) {
        for (index, offset) in fresh {
            let decoded = decode(index)
            do throws(ExpositionError) {
                guard let labels = try finalLabels(of: decoded, relabel) else {
                    series[Int(index)].role = .dropped
                    droppedSamples += 1
                    continue
                }
                // What says when a point began needs the point, which may come later.
                if decoded.meaning.role == .created {
                    created.append((decoded, labels, index))
                } else {
                    bind(index, decoded, labels)
                }
            } catch {
                let isText = result.format != .protobuf
                throw isText
                    ? ExpositionError(error.kind, error.message, at: offset, in: body) : error
            }
        }
        fresh.removeAll(keepingCapacity: fresh.count < 1000)
    }

    /// The same for what is new at the end of a scrape, when all families are known.
    mutating func resolveLast(
        _ relabel: ScrapeAssembler.Relabel, in body: RawSpan
    ) throws(ExpositionError) {
        if exposed.haveChanged { unresolveMoved() }
        exposed.haveChanged = false
        try resolveFresh(relabel, in: body)
        try checkSampleLimit()
        rejoinCreated(relabel)
        for (decoded, labels, index) in created { bindCreated(index, decoded, labels) }
    }

    /// What says when a point began, and had none to say it of, may have one now.
    private mutating func rejoinCreated(_ relabel: ScrapeAssembler.Relabel) {
        guard !aloneCreated.isEmpty, beginnings != beginningsSeen else { return }
        beginningsSeen = beginnings
        let alone = aloneCreated
        aloneCreated = []
        for index in alone where series[Int(index)].flags.contains(.standsAlone) {
            let decoded = decode(index)
            if series[Int(index)].seen == scrape, decoded.meaning.role == .created,
                let labels = try? finalLabels(of: decoded, relabel),
                createdPoint(decoded, labels) != nil
            {
                detach(index)
                created.append((decoded, labels, index))
            } else {
                aloneCreated.append(index)
            }
        }
    }

    /// Gives those a point of their own that said when something began which has vanished.
    mutating func resolveLeftBehind(_ relabel: ScrapeAssembler.Relabel) {
        for (index, _) in fresh {
            let decoded = decode(index)
            guard let labels = try? finalLabels(of: decoded, relabel) else { continue }
            bindCreated(index, decoded, labels)
        }
        fresh.removeAll()
    }

    /// The series again whose family was declared, or declared to be of another type, since.
    private mutating func unresolveMoved() {
        for index in series.indices where series[index].seen == scrape && series[index].isBound {
            let decoded = decode(UInt32(index))
            let family = families[Int(points[Int(series[index].point)].family)]
            let isUnknown = family.exposed == none && decoded.meaning.family == none
            guard !isUnknown,
                family.exposed != decoded.meaning.family || family.key.type != decoded.meaning.type
            else { continue }
            detach(UInt32(index))
            fresh.append((UInt32(index), 0))
        }
    }

    func decode(_ index: UInt32) -> DecodedSeries {
        let line = lines[Int(series[Int(index)].line)]
        let all = keys.raw
        let bytes = all.part(line.key)
        if line.kind == .protobufSeries {
            return ProtobufKey.decode(bytes, exposed)
        }
        var text = SeriesText(bytes)
        let (name, labels) = text.decode()
        let meaning = exposed.meaning(of: name, isOpenMetrics: result.format == .openMetrics)
        return DecodedSeries(name: name, labels: labels, meaning: meaning)
    }

    /// The labels after relabelling; `nil` if the series is dropped.
    private func finalLabels(
        of decoded: DecodedSeries, _ relabel: ScrapeAssembler.Relabel
    ) throws(ExpositionError) -> Labels? {
        var labels = decoded.labels
        labels.append(Label("__name__", decoded.name))
        // Sorted, so that many labels do not take quadratic time.
        labels.sort { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
        for index in labels.indices.dropFirst()
        where labels[index].name.utf8.elementsEqual(labels[index - 1].name.utf8) {
            throw ExpositionError(
                .invalidLabels,
                "series \(decoded.name) has the label \(labels[index].name) twice, "
                    + "expected each once")
        }
        if let part = decoded.partLabel, let index = labels.firstIndex(where: { $0.name == part }),
            let bound = float(labels[index].value)
        {
            labels[index].value = canonicalFloat(bound)
        }
        guard let final = relabel(Labels(labels)), !final.isEmpty else { return nil }
        try checkLimits(final, of: decoded.name)
        return final
    }
}

extension Series {
    /// Whether it has a point.
    var isBound: Bool { role != .unresolved && role != .dropped }
}

/// A whole text as a float.
func float(_ text: String) -> Double? {
    var text = text
    return text.withUTF8 { utf8 in
        let bytes = unsafe RawSpan(_unsafeBytes: UnsafeRawBufferPointer(utf8))
        guard let number = bytes.decimal(at: 0), number.end == bytes.byteCount else { return nil }
        return number.value
    }
}
