import WeirTelemetry

@testable import WeirPrometheus

/// The families of a request, as a sink would hold them.
func families(_ request: [UInt8], _ options: TranslationOptions = TranslationOptions())
    -> [ExpositionFamily]
{
    let translator = SeriesTranslator<(MetricFamily, ExpositionSeries, Bool)>(options)
    var families: [ExpositionFamily] = []
    unsafe translator.translate(
        request.span.bytes, now: 1,
        make: { ($0.family, ExpositionSeries($0), $0.hasCreated) }
    ) { point, held in
        guard let made = ExpositionPoint(point, held.1, hasCreated: held.2, isGauge: false) else {
            return
        }
        if let index = families.firstIndex(where: { $0.family.name == held.0.name }) {
            families[index].points.append(made)
        } else {
            families.append(ExpositionFamily(held.0, points: [made]))
        }
    }
    return families.sorted { $0.family.name < $1.family.name }
}

func written(
    _ families: [ExpositionFamily], _ dialect: ExpositionDialect, timestamps: Bool = false
) -> [UInt8] {
    var writer = ExpositionWriter(
        dialect, names: families.map(\.family.name), writesTimestamps: timestamps)
    for family in families { writer.write(family) }
    return writer.finish()
}

func text(
    _ request: [UInt8], _ dialect: ExpositionDialect = .fallback, timestamps: Bool = false
) -> String {
    String(decoding: written(families(request), dialect, timestamps: timestamps), as: UTF8.self)
}

let openMetrics = ExpositionDialect(.openMetrics(version: "1.0.0"))
