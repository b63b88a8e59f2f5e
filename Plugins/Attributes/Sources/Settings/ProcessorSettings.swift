import WeirSDK
import WeirTelemetry

/// The settings of `attributes`.
struct AttributesSettings: Decodable, Sendable {
    var actions: [ActionSettings]
    var include: MatchSettings?
    var exclude: MatchSettings?
}

/// The settings of `resource`.
struct ResourceSettings: Decodable, Sendable {
    var attributes: [ActionSettings]
}

extension [ActionSettings] {
    /// The edits, in order.
    func edits(_ hash: Hash?) throws(ComponentError) -> [AttributeEdit] {
        var edits: [AttributeEdit] = []
        for action in self { edits.append(try action.edit(hash)) }
        return edits
    }
}
