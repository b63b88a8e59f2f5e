public import WeirTelemetry

/// Walks OTLP metrics requests and hands out each data point with what the caller keeps for its
/// series.
///
///     let translator = SeriesTranslator<[UInt8]>(options)
///     let left = translator.translate(
///         request, now: host.monotonic, make: { encode($0.labels) }
///     ) { point, encoded in ... }
///
/// A point that was seen before costs a comparison of its attributes' bytes; `make` is called once
/// for each new one. What was not seen for `options.memory` is forgotten, with its payload. It is
/// not thread-safe. The request has to have passed `scan`.
public final class SeriesTranslator<Payload> {
    @usableFromInline let index: SeriesIndex
    @usableFromInline var payloads: ContiguousArray<Payload?> = []

    public init(_ options: TranslationOptions) {
        index = SeriesIndex(options)
    }

    /// How many series (points with one set of labels) are remembered.
    public var count: Int { index.count }

    /// Hands out the points of a request, in its order; `target_info` after its resource's points.
    ///
    /// - Parameters:
    ///   - now: nanoseconds on a clock that only goes forward; decides what is forgotten.
    ///   - make: makes what is kept for a new series.
    ///   - forget: takes what was kept for a series that is forgotten; before all else.
    ///   - body: takes a point and what is kept for it.
    /// - Returns: what was left out, by reason.
    @inlinable
    @discardableResult
    public func translate(
        _ request: RawSpan, now: UInt64, make: (SeriesIdentity) -> Payload,
        forget: (Payload) -> Void = { _ in },
        _ body: (borrowing PointData, inout Payload) -> Void
    ) -> LeftOut {
        translate(
            request, now: now, make: make, forget: forget,
            number: { point, payload in body(.number(copy point), &payload) }, other: body)
    }

    /// The same with a function of its own for numbers, which most points are: as what all kinds of
    /// points have in common, each would be copied.
    @inlinable
    @discardableResult
    public func translate(
        _ request: RawSpan, now: UInt64, make: (SeriesIdentity) -> Payload,
        forget: (Payload) -> Void,
        number: (borrowing NumberDataPointView, inout Payload) -> Void,
        other: (borrowing PointData, inout Payload) -> Void
    ) -> LeftOut {
        for slot in index.forget(now: now) {
            forget(payloads[slot]!)
            payloads[slot] = nil
        }
        return index.walk(
            request, now: now,
            make: { slot, identity in
                while payloads.count <= slot { payloads.append(nil) }
                payloads[slot] = make(identity)
            }, number: { point, slot in number(point, &payloads[slot]!) }
        ) { point, slot in other(point, &payloads[slot]!) }
    }

    /// Forgets everything.
    public func removeAll() {
        index.removeAll()
        payloads = []
    }
}

/// Points that have no place in Prometheus, by reason.
@frozen
public struct LeftOut: Sendable, Hashable {
    /// Delta sums and histograms, where these are not taken.
    public var delta = 0
    /// Sums and histograms that do not say whether they are deltas or totals.
    public var temporality = 0
    /// Points without a value that are not marked as such either.
    public var withoutValue = 0
    /// Points of metrics without a name or kind.
    public var unnamed = 0
    /// Points of new series beyond `maximumSeries`.
    public var overLimit = 0

    @inlinable public init() {}

    /// All of them.
    public var total: Int { delta + temporality + withoutValue + unnamed + overLimit }
}
