import WeirTelemetry

/// Requests with attributes where the test wants them.
enum Sample {
    static let attributeNumbers: [(signal: Signal, data: Int, attributes: Int)] = [
        (.traces, 0, 9), (.logs, 0, 6), (.metrics, 5, 7), (.metrics, 7, 7), (.metrics, 9, 9),
        (.metrics, 10, 1), (.metrics, 11, 7),
    ]

    /// One record in one scope in one resource. `data` is the kind of metric, as its field.
    static func request(
        _ signal: Signal, data: Int = 5, resource: [Pair]? = [], record: [Pair],
        resourceLast: Bool = false, unknown: [UInt8] = []
    ) -> [UInt8] {
        let scope = Wire.bytes(
            2,
            Wire.bytes(1, Wire.text(1, "scope"))
                + recordField(signal, data: data, record, unknown: unknown))
        let head =
            resource.map { pairs in
                Wire.bytes(1, pairs.flatMap { Wire.attribute(1, $0.key, $0.value) } + unknown)
            } ?? []
        return Wire.bytes(1, (resourceLast ? scope + head : head + scope) + unknown)
    }

    /// A span, log record or metric with one point, as a field of a scope's group.
    static func recordField(
        _ signal: Signal, data: Int = 5, _ pairs: [Pair], unknown: [UInt8] = []
    ) -> [UInt8] {
        let time: UInt64 = 1_735_689_600_000_000_000
        func attributes(_ number: Int) -> [UInt8] {
            pairs.flatMap { Wire.attribute(number, $0.key, $0.value) }
        }
        switch signal {
        case .traces:
            return Wire.bytes(
                2,
                Wire.bytes(1, [UInt8](repeating: 1, count: 16))
                    + Wire.bytes(2, [UInt8](repeating: 2, count: 8)) + Wire.text(5, "GET /")
                    + attributes(9) + unknown + Wire.fixed64(7, time) + Wire.fixed64(8, time + 9))
        case .logs:
            return Wire.bytes(
                2,
                unknown + attributes(6) + Wire.bytes(5, Wire.string("line")) + Wire.fixed64(1, time)
            )
        case .metrics:
            let number = data == 9 ? 9 : data == 10 ? 1 : 7
            let point = Wire.bytes(
                1, Wire.fixed64(3, time) + attributes(number) + unknown)
            return Wire.bytes(2, Wire.bytes(data, point + unknown) + Wire.text(1, "metric.name"))
        }
    }
}
