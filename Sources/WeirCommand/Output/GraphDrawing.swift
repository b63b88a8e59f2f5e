import WeirConfig
import WeirJSON
import WeirRuntime

/// A plan as text that other programs draw.
struct GraphDrawing {
    private let plan: GraphPlan

    private struct Edge {
        let from: Int
        let to: Int
        let signal: String
    }

    init(_ plan: GraphPlan) { self.plan = plan }

    private var edges: [Edge] {
        plan.nodes.enumerated().flatMap { index, node in
            WeirConfig.Signal.allCases.flatMap { signal in
                (node.outputs[signal] ?? []).map {
                    Edge(from: index, to: $0, signal: signal.rawValue)
                }
            }
        }
    }

    var dot: String {
        var text = "digraph weir {\n  rankdir=LR;\n  node [shape=box];\n"
        for (index, node) in plan.nodes.enumerated() {
            text += "  n\(index) [label=\"\(node.key)\"];\n"
        }
        for edge in edges {
            text += "  n\(edge.from) -> n\(edge.to) [label=\"\(edge.signal)\"];\n"
        }
        return text + "}"
    }

    var mermaid: String {
        var text = "flowchart LR"
        for (index, node) in plan.nodes.enumerated() { text += "\n  n\(index)[\"\(node.key)\"]" }
        for edge in edges { text += "\n  n\(edge.from) -- \(edge.signal) --> n\(edge.to)" }
        return text
    }

    var json: JSONValue {
        .object([
            JSONMember(
                "nodes",
                .array(
                    plan.nodes.map { node in
                        .object([
                            JSONMember("key", .string(node.key)),
                            JSONMember("kind", .string(node.kind.rawValue)),
                            JSONMember("id", .string(node.id)),
                            JSONMember("type", .string(node.type)),
                            JSONMember("pipeline", node.pipeline.map { .string($0) } ?? .null),
                        ])
                    })),
            JSONMember(
                "edges",
                .array(
                    edges.map { edge in
                        .object([
                            JSONMember("from", .string(plan.nodes[edge.from].key)),
                            JSONMember("to", .string(plan.nodes[edge.to].key)),
                            JSONMember("signal", .string(edge.signal)),
                        ])
                    })),
        ])
    }
}
