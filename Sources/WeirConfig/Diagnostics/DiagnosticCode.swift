/// Every fault the configuration can have, with its stable code.
///
/// A code never changes its meaning and is never used again: people search for it. `E` stops the
/// start, `W` does not.
package enum DiagnosticCode: String, Sendable, CaseIterable {
    // Reading YAML.
    case syntax = "E0101"
    case duplicateKey = "E0102"
    case unknownAlias = "E0103"
    case nestedTooDeep = "E0104"
    case tooManyAliases = "E0105"
    case severalDocuments = "E0106"
    case rootNotMapping = "E0107"
    case fileTooLarge = "E0108"
    case keyNotScalar = "E0109"
    case badMergeKey = "E0110"
    case unknownTag = "E0111"

    // Variables.
    case unsetVariable = "E0201"
    case unreadableFile = "E0202"
    case unterminatedVariable = "E0203"
    case unknownScheme = "E0204"
    case badVariableName = "E0205"

    // Values against a component's schema.
    case unknownKey = "E0301"
    case wrongType = "E0302"
    case missingKey = "E0303"
    case notAllowedValue = "E0304"
    case outOfRange = "E0305"
    case badDuration = "E0306"
    case badByteSize = "E0307"
    case badEndpoint = "E0308"
    case badURL = "E0309"
    case badPath = "E0310"
    case tooShort = "E0311"
    case wrongItemCount = "E0312"
    case noAlternative = "E0313"
    case missingValue = "E0314"
    case duplicateName = "E0315"
    case unsupportedKey = "E0316"
    /// They fit the schema, and the component does not take them.
    case refusedSettings = "E0317"
    case brokenSchema = "E0320"

    // Sections and components.
    case unknownSection = "E0401"
    case unknownComponentType = "E0402"
    case componentInWrongSection = "E0403"
    case badComponentID = "E0404"
    case unusablePlugin = "E0405"

    // The pipeline graph.
    case noPipelines = "E0501"
    case badPipelineID = "E0502"
    case undefinedComponent = "E0503"
    case wrongRole = "E0504"
    case noInputs = "E0505"
    case noOutputs = "E0506"
    case unsupportedSignal = "E0507"
    case halfConnected = "E0508"
    case cycle = "E0509"
    case listedTwice = "E0510"
    case ambiguousID = "E0511"

    // Legal, but probably not what was meant.
    case unusedComponent = "W0601"
    case deprecatedKey = "W0602"
    case deprecatedAlias = "W0603"
    case noEffect = "W0604"
    case nothingToDo = "W0605"
    case emptyVariable = "W0606"
    /// Each is possible, and one leaves nothing of the other.
    case worksAgainst = "W0607"
    /// A component takes its settings, and says what is odd about them.
    case doubtedSettings = "W0608"

    package var severity: Severity { rawValue.hasPrefix("W") ? .warning : .error }
}

package enum Severity: String, Sendable {
    case error
    case warning
}
