/// How `exporters:` is to be read.
package enum Dialect: String, Sendable {
    /// Exporters collect a system's metrics; `sinks` deliver.
    case weir
    /// A document without `sinks:` anywhere: exporters deliver, as in the OpenTelemetry Collector.
    case collector
}

extension Dialect {
    /// - Parameter broken: Sources that could not be parsed; a `sinks:` may stand in them.
    init(of document: YAMLNode, broken: [[UInt8]]) {
        let pipelines = document["service"]?.node["pipelines"]?.node.mapping ?? []
        let hasSinks =
            document["sinks"] != nil || pipelines.contains { $0.node["sinks"] != nil }
            || broken.contains { String(decoding: $0, as: UTF8.self).contains("sinks:") }
        self = hasSinks ? .weir : .collector
    }

    /// The sections of components and what stands in them.
    var sections: [(name: String, kind: ComponentKind)] {
        switch self {
        case .weir: ComponentKind.allCases.map { ($0.section, $0) }
        case .collector:
            [
                ("receivers", .receiver), ("processors", .processor), ("connectors", .connector),
                ("exporters", .sink), ("extensions", .extension),
            ]
        }
    }

    /// The section in which components of `kind` stand; `nil` where the dialect has none.
    func section(of kind: ComponentKind) -> String? {
        sections.first { $0.kind == kind }?.name
    }

    /// What a component of `kind` is called: a Collector's user knows sinks as exporters.
    func name(of kind: ComponentKind) -> String {
        self == .collector && kind == .sink ? "exporter" : kind.rawValue
    }

    /// Names that newer Collectors give to components, with the names of the catalog.
    func canonicalType(_ type: String, kind: ComponentKind) -> String {
        guard self == .collector, kind == .sink else { return type }
        switch type {
        case "otlp_grpc": return "otlp"
        case "otlp_http": return "otlphttp"
        default: return type
        }
    }
}
