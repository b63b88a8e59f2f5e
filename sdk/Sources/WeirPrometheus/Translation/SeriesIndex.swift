@usableFromInline
final class SeriesIndex {
    let options: TranslationOptions
    @usableFromInline private(set) var count = 0
    @usableFromInline init(_ options: TranslationOptions) { self.options = options }

    @usableFromInline
    func walk(
        _ request: RawSpan, now: UInt64,
        _ visit: (borrowing PointData, Int, SeriesIdentity?) -> Void
    ) -> LeftOut { LeftOut() }

    @usableFromInline func takeForgotten() -> [Int] { [] }
    @usableFromInline func removeAll() {}
}

/// A bound of a bucket or a quantile as Prometheus 3 writes it.
func prometheusBound(_ value: Double) -> String { "\(value)" }
