import WeirJSON
import WeirConfig
import ArgumentParser
import WeirRuntime

struct GraphCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "graph",
        abstract: "Draws the pipeline graph of a configuration, or of the built-in one.")

    enum Format: String, ExpressibleByArgument, CaseIterable { case dot, mermaid, json }

    @OptionGroup var options: ConfigurationOptions

    @Option(help: "dot for Graphviz, mermaid for Markdown, json for programs.")
    var format: Format = .mermaid

    func run() throws {
        let loaded = try LoadedConfiguration(options, orDefault: DefaultConfiguration.text)
        guard let configuration = loaded.outcome.configuration else {
            loaded.report()
            throw ExitCode.badConfiguration
        }
        let drawing = GraphDrawing(GraphPlan(configuration))
        switch format {
        case .dot: Terminal.output.line(drawing.dot)
        case .mermaid: Terminal.output.line(drawing.mermaid)
        case .json: Terminal.output.line(drawing.json.serialized(pretty: true))
        }
    }
}
