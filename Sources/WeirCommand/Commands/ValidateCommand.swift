import ArgumentParser
import WeirConfig
import WeirJSON
import WeirRuntime

struct ValidateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "validate",
        abstract: "Checks a configuration, all of it in one pass, and starts nothing.")

    enum Format: String, ExpressibleByArgument, CaseIterable { case text, json }

    @OptionGroup var options: ConfigurationOptions

    @Option(help: "text for people, json for machines.")
    var format: Format = .text

    func run() throws {
        var loaded = try LoadedConfiguration(options)
        loaded.tryComponents()
        switch format {
        case .json: printJSON(loaded.outcome)
        case .text: printText(loaded)
        }
        if loaded.outcome.configuration == nil { throw ExitCode.badConfiguration }
    }

    private func printJSON(_ outcome: ConfigurationOutcome) {
        var document = [
            JSONMember("valid", .bool(outcome.configuration != nil)),
            JSONMember("diagnostics", .array(outcome.diagnostics.map(\.json))),
        ]
        if let configuration = outcome.configuration {
            let promises = DeliveryPromise.all(configuration).map { JSONValue.string("\($0)") }
            document.append(JSONMember("promises", .array(promises)))
        }
        if !outcome.notes.isEmpty {
            document.append(JSONMember("notes", .array(outcome.notes.map { .string($0) })))
        }
        Terminal.output.line(JSONValue.object(document).serialized(pretty: true))
    }

    private func printText(_ loaded: LoadedConfiguration) {
        loaded.report()
        let errors = loaded.outcome.errors.count
        let warnings = loaded.outcome.diagnostics.count - errors
        guard let configuration = loaded.outcome.configuration else {
            Terminal.errors.line(
                "\(count(errors, "error")), \(count(warnings, "warning")): not valid")
            return
        }
        let pipelines = configuration.pipelines.map(\.id.description).joined(separator: ", ")
        Terminal.output.line(
            Terminal.output.green("valid") + ": "
                + count(configuration.pipelines.count, "pipeline") + " (\(pipelines)), "
                + count(warnings, "warning"))
        for promise in DeliveryPromise.all(configuration) { Terminal.output.line("  \(promise)") }
    }

    private func count(_ number: Int, _ noun: String) -> String {
        "\(number) \(noun)\(number == 1 ? "" : "s")"
    }
}
