import WeirTelemetry

// Limits act while an exposition is read: one that breaks them is not read to its end, and little
// of it is kept.
extension SeriesCache {
    /// After how many new series their labels are looked at.
    private static let freshAtOnce = 256

    private var limitsLabels: Bool {
        options.labelLimit > 0 || options.labelNameLengthLimit > 0
            || options.labelValueLengthLimit > 0
    }

    /// Sets the number of samples at which limits are looked at next.
    mutating func planLimitCheck() {
        nextLimitCheck = .max
        if limitsLabels { nextLimitCheck = result.samplesScraped + Self.freshAtOnce }
        guard options.sampleLimit > 0 else { return }
        let left = max(0, options.sampleLimit - countedSamples)
        nextLimitCheck = min(nextLimitCheck, result.samplesScraped + left + 1)
    }

    /// Looks at the limits with what was read so far.
    mutating func checkLimitsSoFar(
        _ relabel: ScrapeAssembler.Relabel, in body: RawSpan
    ) throws(ExpositionError) {
        try resolveFresh(relabel, in: body)
        let undecided = repeated[keptRepeats...]
        let kept = undecided.filter { series[Int($0.series)].role != .dropped }
        droppedSamples += undecided.count - kept.count
        repeated.replaceSubrange(keptRepeats..., with: kept)
        keptRepeats = repeated.count
        try checkSampleLimit(isEnd: false)
        planLimitCheck()
    }

    /// What `sample_limit` counts, as Prometheus does: duplicates too. Exact once nothing is fresh.
    private var countedSamples: Int { result.samplesScraped - droppedSamples }

    func checkSampleLimit(isEnd: Bool = true) throws(ExpositionError) {
        guard options.sampleLimit > 0, countedSamples > options.sampleLimit else { return }
        throw .tooManySamples(countedSamples, limit: options.sampleLimit, isEnd: isEnd)
    }

    func checkLimits(_ labels: Labels, of name: String) throws(ExpositionError) {
        guard !labels["__name__"].isEmpty else {
            throw ExpositionError(
                .invalidLabels,
                "series \(name) has no name after relabelling, expected the label __name__ "
                    + "or that it is dropped")
        }
        let limits = options
        if limits.labelLimit > 0, labels.all.count > limits.labelLimit {
            throw ExpositionError(
                .labelLimit,
                "series \(name) has \(labels.all.count) labels, label_limit allows "
                    + "\(limits.labelLimit)")
        }
        guard limits.labelNameLengthLimit > 0 || limits.labelValueLengthLimit > 0 else { return }
        for label in labels.all {
            let nameLength = label.name.utf8.count
            if limits.labelNameLengthLimit > 0, nameLength > limits.labelNameLengthLimit {
                throw ExpositionError(
                    .labelNameLengthLimit,
                    "a label's name in series \(name) has \(nameLength) bytes "
                        + "(\(label.name.prefix(50))), label_name_length_limit allows "
                        + "\(limits.labelNameLengthLimit)")
            }
            let valueLength = label.value.utf8.count
            if limits.labelValueLengthLimit > 0, valueLength > limits.labelValueLengthLimit {
                throw ExpositionError(
                    .labelValueLengthLimit,
                    "the value of label \(label.name) in series \(name) has \(valueLength) bytes, "
                        + "label_value_length_limit allows \(limits.labelValueLengthLimit)")
            }
        }
    }
}

extension ExpositionError {
    /// A scrape that breaks `sample_limit`, with the samples that were found; there may be more if
    /// it was not read to its end.
    public static func tooManySamples(_ found: Int, limit: Int, isEnd: Bool) -> ExpositionError {
        var error = ExpositionError(
            .sampleLimit,
            "found \(found) samples after relabelling\(isEnd ? "" : " and read no further"), "
                + "sample_limit allows \(limit)")
        error.samplesScraped = found
        error.samplesAfterRelabel = found
        return error
    }
}
