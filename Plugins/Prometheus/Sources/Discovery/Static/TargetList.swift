import WeirJSON
import WeirSDK

/// What a file of file_sd or an answer of http_sd holds: a list of groups.
enum TargetList {
    /// Throws `invalid`: what is wrong, and where in the list.
    static func read(_ json: JSONValue) throws(ComponentError) -> [StaticConfig] {
        if json == .null { return [] }
        guard case .array(let elements) = json else {
            throw .invalid("found no list, expected a list of groups with targets and labels")
        }
        for (index, element) in elements.enumerated() {
            guard case .object(let members) = element else {
                throw .invalid("[\(index)]: found no mapping, expected targets and labels")
            }
            if let odd = members.first(where: { $0.key != "targets" && $0.key != "labels" }) {
                throw .invalid("[\(index)].\(odd.key): unknown, expected targets and labels")
            }
        }
        do throws(ComponentError) {
            return try HostSettings(json).decode([StaticConfig].self)
        } catch {
            // They are no settings here.
            let prefix = "settings: "
            let message = error.message
            throw .invalid(
                message.hasPrefix(prefix) ? String(message.dropFirst(prefix.count)) : message)
        }
    }
}
