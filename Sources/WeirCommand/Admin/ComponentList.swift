import WeirConfig
import WeirJSON
import WeirRuntime

/// The components that there are, and how each does.
struct ComponentList {
    private let runtime: Runtime

    init(_ runtime: Runtime) { self.runtime = runtime }

    var json: JSONValue {
        .object([JSONMember("components", .array(runtime.components.map(entry)))])
    }

    private func entry(_ component: Runtime.Component) -> JSONValue {
        let (instance, health) = (component.instance, component.instance.health)
        var members = [
            JSONMember("component", .string(instance.key)),
            JSONMember("kind", .string(instance.kind.rawValue)),
            JSONMember("id", .string(instance.id)),
            JSONMember("type", .string(component.type)),
            JSONMember("plugin", .string(instance.plugin)),
            JSONMember("pipelines", .array(component.pipelines.map { .string($0) })),
            JSONMember("state", .string(health.state.name)),
            JSONMember("since", .string(Timestamp.text(unixNano: health.sinceUnixNano))),
            JSONMember("leaving", .bool(component.isLeaving)),
        ]
        if !health.why.isEmpty { members.append(JSONMember("reason", .string(health.why))) }
        if let error = health.lastError {
            members.append(
                JSONMember(
                    "last_error",
                    .object([
                        JSONMember("message", .string(error.text)),
                        JSONMember("time", .string(Timestamp.text(unixNano: error.unixNano))),
                    ])))
        }
        return .object(members)
    }
}
