/// What is known of a cluster, and which groups of targets a change touches: a value.
struct ClusterBoard {
    private struct Objects: ObjectLookup {
        var byKind: [ResourceKind: [String: ClusterObject]] = [:]

        func object(_ kind: ResourceKind, _ key: String) -> ClusterObject? { byKind[kind]?[key] }
    }

    /// The kind whose objects become groups.
    private let main: ResourceKind
    private var builder: GroupBuilder
    private var objects = Objects()
    /// The main objects that depend on another one.
    private var users: [Reference: Set<String>] = [:]
    private var references: [String: [Reference]] = [:]
    private var touched: Set<String> = []

    init(_ main: ResourceKind, _ attach: KubernetesSDConfig.AttachMetadata) {
        self.main = main
        builder = GroupBuilder(attach)
    }

    mutating func apply(_ changes: [ObjectChange], of kind: ResourceKind) {
        for change in changes {
            switch change {
            case .put(let key, let object):
                // Most updates are heartbeats, which change nothing that we look at.
                guard objects.byKind[kind, default: [:]].updateValue(object, forKey: key) != object
                else { continue }
                if kind == main { refer(key, builder.references(object)) }
                touch(kind, key)
            case .gone(let key):
                guard objects.byKind[kind]?.removeValue(forKey: key) != nil else { continue }
                if kind == main { refer(key, []) }
                touch(kind, key)
            }
        }
    }

    private mutating func touch(_ kind: ResourceKind, _ key: String) {
        if kind == main { touched.insert(key) }
        if let keys = users[Reference(kind: kind, key: key)] { touched.formUnion(keys) }
    }

    private mutating func refer(_ key: String, _ new: [Reference]) {
        let old = references[key] ?? []
        guard old != new else { return }
        for reference in old {
            users[reference]?.remove(key)
            if users[reference]?.isEmpty == true { users[reference] = nil }
        }
        for reference in new { users[reference, default: []].insert(key) }
        references[key] = new.isEmpty ? nil : new
    }

    /// The groups that changes have touched since the last call.
    mutating func takeGroups() -> [TargetGroup] {
        defer { touched = [] }
        return touched.map { key in
            objects.object(main, key).flatMap { builder.group($0, objects) }
                ?? TargetGroup(source: GroupBuilder.source(main, key))
        }
    }
}
