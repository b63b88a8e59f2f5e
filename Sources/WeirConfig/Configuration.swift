package import WeirJSON

/// One file of configuration, already read.
package struct ConfigurationSource: Sendable {
    /// As diagnostics name it: usually the path that was given.
    package var name: String
    package var contents: [UInt8]
    package var language: Language

    package enum Language: Sendable {
        /// A configuration of Weir, or of the OpenTelemetry Collector.
        case weir
        /// A prometheus.yml; see `PrometheusReader`.
        case prometheus
    }

    package init(name: String, contents: [UInt8], language: Language = .weir) {
        self.name = name
        self.contents = contents
        self.language = language
    }
}

/// `type` or `type/name`, as written in the configuration.
package struct ComponentID: Sendable, Hashable, CustomStringConvertible {
    package var type: String
    package var name: String

    package init(type: String, name: String = "") {
        self.type = type
        self.name = name
    }

    package var description: String { name.isEmpty ? type : "\(type)/\(name)" }
}

/// `signal` or `signal/name`.
package struct PipelineID: Sendable, Hashable, CustomStringConvertible {
    package var signal: Signal
    package var name: String

    package init(signal: Signal, name: String = "") {
        self.signal = signal
        self.name = name
    }

    package var description: String { name.isEmpty ? signal.rawValue : "\(signal)/\(name)" }
}

/// A validated configuration: every reference resolves, every setting fits its schema.
package struct Configuration: Sendable {
    package struct Component: Sendable {
        package var id: ComponentID
        package var kind: ComponentKind
        /// The catalog's name for the type; it differs from `id.type` where that is an alias.
        package var type: String
        /// What the plugin receives; see `SettingsValidator` for the rules.
        package var settings: JSONValue
        /// What people may see: durations as written, secrets as `<redacted>`.
        package var printed: JSONValue
        package var location: SourcePosition
        /// Whether a pipeline or, for extensions, the service names it.
        package var isUsed: Bool
    }

    /// One end or step of a pipeline. The same id may name components of two kinds.
    package struct Reference: Sendable, Hashable {
        package var kind: ComponentKind
        package var id: ComponentID

        package init(kind: ComponentKind, id: ComponentID) {
            self.kind = kind
            self.id = id
        }
    }

    package struct Pipeline: Sendable {
        package var id: PipelineID
        /// Receivers, exporters that collect, and connectors.
        package var inputs: [Reference]
        /// In the order in which batches pass them.
        package var processors: [ComponentID]
        /// Sinks and connectors.
        package var outputs: [Reference]
        /// What it may hold of the process's memory; `nil`: all of it.
        package var memory: PipelineMemory?
        package var location: SourcePosition
    }

    package var dialect: Dialect
    package var components: [Component]
    package var pipelines: [Pipeline]
    /// Extensions in the order in which they start.
    package var extensions: [ComponentID]
    package var service: ServiceSettings
    package var warnings: [Diagnostic]
    /// For what its components have to say against it.
    package var places: ConfigurationPlaces?

    package func component(_ kind: ComponentKind, _ id: ComponentID) -> Component? {
        components.first { $0.kind == kind && $0.id == id }
    }
}

/// What loading yields: a configuration only where no diagnostic is an error.
package struct ConfigurationOutcome: Sendable {
    package var configuration: Configuration?
    package var diagnostics: [Diagnostic]
    /// What was decided where a file does not say it, for people.
    package var notes: [String] = []

    package var errors: [Diagnostic] { diagnostics.filter { $0.severity == .error } }
}
