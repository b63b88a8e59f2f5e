import WeirConfig
package import WeirJSON

/// What a reload does with each component: the difference of two plans. A value; nothing of it has
/// happened yet.
package struct ReloadPlan: Sendable, Equatable {
    package enum Fate: String, Sendable, CaseIterable {
        /// Goes on with its sockets, queues, state and counters.
        case kept
        /// Another instance takes over; the old one ends what it has begun.
        case restarted
        case added
        case removed
    }

    package struct Entry: Sendable, Equatable {
        /// As in `GraphPlan.Node`.
        package let key: String
        package let fate: Fate
        /// What is different: paths of settings; of a component that is kept, "outputs" if it feeds
        /// others than before, "memory" if what it feeds may hold more or less.
        package let changes: [String]
    }

    /// In the order of the new plan; what it does not have any more comes last.
    package let entries: [Entry]
    /// For each node of the new plan, the node of the old one that it keeps or replaces.
    let before: [Int?]

    package func keys(_ fate: Fate) -> [String] {
        entries.filter { $0.fate == fate }.map(\.key)
    }

    /// Whether everything stays as it is, and where it is.
    package var isEmpty: Bool { entries.allSatisfy { $0.fate == .kept && $0.changes.isEmpty } }

    package init(from old: GraphPlan, to new: GraphPlan) {
        let known = Dictionary(
            old.nodes.enumerated().map { ($0.element.key, $0.offset) }, uniquingKeysWith: { $1 })
        let changed = Self.changedExtensions(from: old, to: new)
        before = new.nodes.map { known[$0.key] }
        var entries = zip(new.nodes, before).map { node, before in
            guard let before else { return Entry(key: node.key, fate: .added, changes: []) }
            let earlier = old.nodes[before]
            var changes = earlier.settings.differences(from: node.settings)
            changes += node.extensions.filter(changed.contains).map { "extension \($0)" }
            if earlier.type != node.type { changes.append("type") }
            if !changes.isEmpty { return Entry(key: node.key, fate: .restarted, changes: changes) }
            if old.targets(of: earlier) != new.targets(of: node) { changes.append("outputs") }
            if old.memory(behind: earlier) != new.memory(behind: node) { changes.append("memory") }
            return Entry(key: node.key, fate: .kept, changes: changes)
        }
        let kept = Set(new.nodes.map(\.key))
        for node in old.nodes where !kept.contains(node.key) {
            entries.append(Entry(key: node.key, fate: .removed, changes: []))
        }
        self.entries = entries
    }

    func fate(ofNode index: Int) -> Fate { entries[index].fate }

    /// Ids of extensions that do not go on as they are: what uses one has to be told anew.
    private static func changedExtensions(from old: GraphPlan, to new: GraphPlan) -> Set<String> {
        func settings(_ plan: GraphPlan) -> [String: JSONValue] {
            // Those of the core itself are no nodes; that they change is refused elsewhere.
            let extensions = plan.nodes.filter { $0.kind == .extension }
            return Dictionary(
                extensions.map { ($0.id, $0.settings) }, uniquingKeysWith: { $1 })
        }
        let (before, after) = (settings(old), settings(new))
        return Set(before.keys).union(after.keys).filter { id in
            before[id]?.differences(from: after[id] ?? .null).isEmpty != true
        }
    }
}

extension ReloadPlan {
    /// A line for each component, for people.
    package var text: String {
        var text = ""
        for fate in Fate.allCases {
            for entry in entries where entry.fate == fate {
                let name = fate.rawValue
                text += name + String(repeating: " ", count: 11 - name.count) + entry.key
                if !entry.changes.isEmpty {
                    text += " (\(entry.changes.joined(separator: ", ")))"
                }
                text += "\n"
            }
        }
        return text
    }

    /// `{"kept": [{"component": …, "changes": […]}], "restarted": …, "added": …, "removed": …}`
    package var json: JSONValue {
        .object(
            Fate.allCases.map { fate in
                JSONMember(
                    fate.rawValue,
                    .array(
                        entries.filter { $0.fate == fate }.map { entry in
                            .object([
                                JSONMember("component", .string(entry.key)),
                                JSONMember(
                                    "changes", .array(entry.changes.map { .string($0) })),
                            ])
                        }))
            })
    }
}

extension GraphPlan {
    /// The keys of what follows a node, by signal.
    fileprivate func targets(of node: Node) -> [WeirConfig.Signal: Set<String>] {
        node.outputs.mapValues { Set($0.map { nodes[$0].key }) }
    }

    /// What the pipelines may hold to which a node brings batches.
    fileprivate func memory(behind node: Node) -> [String: PipelineMemory] {
        memory.filter { id, _ in
            pipelines.contains { pipeline in
                pipeline.id == id && pipeline.sources.contains { nodes[$0].key == node.key }
            }
        }
    }
}

extension GraphPlan.Node {
    /// Ids of extensions that its settings name, by the keys that the Collector uses for that.
    fileprivate var extensions: [String] {
        settings.strings(under: ["storage", "authenticator"])
    }
}

extension JSONValue {
    /// The strings that stand under one of these keys, however deep.
    fileprivate func strings(under keys: Set<String>) -> [String] {
        switch self {
        case .object(let members):
            members.flatMap { member in
                if keys.contains(member.key), let text = member.value.stringValue { return [text] }
                return member.value.strings(under: keys)
            }
        case .array(let values): values.flatMap { $0.strings(under: keys) }
        default: []
        }
    }

    /// The paths at which two values differ ("tls.ca_file"); the order of an object's members does
    /// not matter. Without the values, which may be secrets.
    package func differences(from other: JSONValue, at path: String = "") -> [String] {
        if self == other { return [] }
        guard case .object(let members) = self, case .object(let others) = other else {
            return [path.isEmpty ? "settings" : path]
        }
        var keys: [String] = []
        for key in (members + others).map(\.key) where !keys.contains(key) { keys.append(key) }
        return keys.flatMap { key -> [String] in
            let path = path.isEmpty ? key : "\(path).\(key)"
            switch (self[key], other[key]) {
            case (let mine?, let theirs?): return mine.differences(from: theirs, at: path)
            case (nil, nil): return []
            default: return [path]
            }
        }
    }
}
