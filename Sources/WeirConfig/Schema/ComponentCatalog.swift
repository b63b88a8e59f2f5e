package import WeirJSON

/// What a component does in a pipeline.
package enum ComponentKind: String, Sendable, CaseIterable {
    case receiver
    case exporter
    case processor
    case connector
    case sink
    case `extension`

    /// The section of the configuration in which components of this kind stand.
    package var section: String { rawValue + "s" }
}

package enum Signal: String, Sendable, CaseIterable {
    case traces
    case metrics
    case logs
}

package enum Stability: String, Sendable, CaseIterable {
    case development
    case alpha
    case beta
    case stable
    case deprecated
}

/// The components that the loaded plugins offer, with the schemas of their settings.
package struct ComponentCatalog: Sendable {
    package struct Component: Sendable {
        package var kind: ComponentKind
        package var type: String
        /// What it takes in: processors, connectors and sinks.
        package var signalsIn: Set<Signal>
        /// What it puts out: receivers, exporters, processors and connectors.
        package var signalsOut: Set<Signal>
        package var schema: JSONValue
        package var summary: String
        package var stability: Stability
        /// Other types under which it is found.
        package var aliases: [String]
        /// Older types under which it is still found, with a warning.
        package var deprecatedAliases: [String]

        package init(
            kind: ComponentKind, type: String, signalsIn: Set<Signal> = [],
            signalsOut: Set<Signal> = [], schema: JSONValue = .object([]), summary: String = "",
            stability: Stability = .stable, aliases: [String] = [],
            deprecatedAliases: [String] = []
        ) {
            self.kind = kind
            self.type = type
            self.signalsIn = signalsIn
            self.signalsOut = signalsOut
            self.schema = schema
            self.summary = summary
            self.stability = stability
            self.aliases = aliases
            self.deprecatedAliases = deprecatedAliases
        }
    }

    package var components: [Component]
    /// Schemas that components share; they are referred to as `weir:NAME`.
    package var fragments: [String: JSONValue]

    package init(components: [Component] = [], fragments: [String: JSONValue] = [:]) {
        self.components = components
        self.fragments = fragments
    }
}

extension ComponentCatalog {
    package func component(_ kind: ComponentKind, _ type: String) -> Component? {
        components.first { $0.kind == kind && $0.type == type }
            ?? components.first {
                $0.kind == kind
                    && ($0.aliases.contains(type) || $0.deprecatedAliases.contains(type))
            }
    }

    /// The types of one kind in alphabetical order.
    package func types(of kind: ComponentKind) -> [String] {
        components.filter { $0.kind == kind }.map(\.type).sorted()
    }
}
