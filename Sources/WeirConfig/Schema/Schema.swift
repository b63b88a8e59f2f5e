import WeirJSON

/// A place in a JSON Schema, not yet followed: the JSON there and what its references mean.
struct Schema: Sendable {
    var json: JSONValue
    /// The document that `#/...` refers to.
    var root: JSONValue
    /// What `weir:NAME` refers to.
    var fragments: [String: JSONValue]

    init(_ json: JSONValue, fragments: [String: JSONValue]) {
        self.json = json
        self.root = json
        self.fragments = fragments
    }

    func child(_ json: JSONValue) -> Schema {
        var schema = self
        schema.json = json
        return schema
    }
}

/// A schema that cannot be used: the fault of the plugin that brought it.
struct SchemaFault: Error {
    var message: String
}

/// One level of a schema with its references followed and its parts laid over each other.
///
/// The subset of JSON Schema 2020-12 that Weir reads. Siblings of `$ref` and the members of
/// `allOf` are laid over what is referred to: properties add up, everything else is replaced.
struct SchemaNode: Sendable {
    enum AdditionalProperties: Sendable {
        case forbidden
        case anything
        case schema(Schema)
    }

    var types: [String] = []
    var properties: [(name: String, schema: Schema)] = []
    var required: [String] = []
    /// `nil` where the schema does not say: forbidden if there are `properties`.
    var additional: AdditionalProperties?
    var items: Schema?
    var allowedValues: [JSONValue]?
    var minimum: JSONValue?
    var maximum: JSONValue?
    var exclusiveMinimum: JSONValue?
    var exclusiveMaximum: JSONValue?
    var minLength: Int64?
    var minItems: Int64?
    var maxItems: Int64?
    var alternatives: [Schema] = []
    var format: ValueFormat?
    var defaultValue: JSONValue?
    var isDeprecated = false
    var description: String?
    var isSecret = false
    var ignoresCase = false
    /// `x-weir-no-effect`: accepted for the Collector's sake.
    var hasNoEffect = false
    /// `x-weir-unsupported`: another program has this setting, and Weir refuses it with this advice.
    var refusal: String?

    func property(_ name: String) -> Schema? { properties.first { $0.name == name }?.schema }

    var allowsObject: Bool {
        types.isEmpty ? format == nil && allowedValues == nil : types.contains("object")
    }

    var effectiveAdditional: AdditionalProperties {
        additional ?? (properties.isEmpty ? .anything : .forbidden)
    }
}
