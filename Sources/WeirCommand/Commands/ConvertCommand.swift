import ArgumentParser
import WeirConfig

struct ConvertCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "convert",
        abstract: "Writes configurations of other programs as configurations of Weir.",
        subcommands: [Prometheus.self])

    struct Prometheus: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "prometheus", abstract: "Converts a prometheus.yml.",
            discussion: """
                What is written does what `weir run --prometheus` does with the file. Comments name \
                what Weir does not do. Exit status 2: the file is wrong.
                """)

        @Argument(help: ArgumentHelp("The prometheus.yml; - is standard input.", valueName: "file"))
        var file: String

        @Option(
            name: .shortAndLong,
            help: ArgumentHelp("Write to this file, not to standard output.", valueName: "file"))
        var output: String?

        @OptionGroup var plugins: PluginOptions

        func run() throws {
            let source = try LoadedConfiguration.source(file, language: .prometheus)
            let conversion = convertPrometheus(
                source, environment: System.environment, readFile: System.contents,
                matchingFiles: System.files)
            // Loading checks what only the components know.
            var loaded = LoadedConfiguration(sources: [source], plugins: plugins.paths)
            loaded.tryComponents()
            loaded.report()
            guard let text = conversion.text, loaded.outcome.configuration != nil else {
                throw ExitCode.badConfiguration
            }
            try check(text, against: loaded)
            guard let output else {
                System.write(text, to: Terminal.output.descriptor)
                return
            }
            do {
                try System.write(text, toFile: output, isPrivate: conversion.holdsSecrets)
            } catch {
                Terminal.errors.line("weir: cannot write \(output): \(error)")
                throw ExitCode.couldNotStart
            }
            if conversion.holdsSecrets {
                Terminal.errors.line(
                    "note: \(output) holds the passwords and tokens that \(file) holds")
            }
        }

        /// The promise of the command: both files give every component the same settings.
        private func check(_ text: String, against loaded: LoadedConfiguration) throws {
            let source = ConfigurationSource(name: "(converted)", contents: Array(text.utf8))
            let second = LoadedConfiguration(sources: [source], plugins: plugins.paths).outcome
            let settings = loaded.outcome.configuration?.components.map(\.settings)
            guard second.configuration?.components.map(\.settings) == settings else {
                for diagnostic in second.diagnostics {
                    Terminal.errors.line(diagnostic.text(color: Terminal.errors.isColored))
                }
                Terminal.errors.line(
                    "weir: this file cannot be written in Weir's dialect without a change of meaning; "
                        + "run it with --prometheus, and please report it")
                throw ExitCode.couldNotStart
            }
        }
    }
}
