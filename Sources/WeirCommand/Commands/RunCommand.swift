import WeirConfig
import ArgumentParser
import WeirRuntime

struct RunCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Runs a configuration until SIGTERM or SIGINT, then drains.",
        discussion: """
            Without --config it takes OTLP on loopback, prints what arrives and keeps it in \
            ./weir-data. A second signal ends it at once.

            With --prometheus it does what a prometheus.yml says: scrape, relabel and remote write. \
            Without remote write it serves what it scraped on http://127.0.0.1:9464/metrics.

            At the end it prints what became of every item. Exit status 3: some were lost.
            """)

    @OptionGroup var options: ConfigurationOptions

    func run() throws {
        let isDefault = options.isEmpty
        let loaded = try LoadedConfiguration(options, orDefault: DefaultConfiguration.text)
        loaded.report()
        guard let configuration = loaded.outcome.configuration else {
            throw ExitCode.badConfiguration
        }
        let daemon = Daemon(
            configuration, registry: loaded.registry,
            welcome: isDefault ? DefaultConfiguration.welcome : nil)
        let status = daemon.run()
        if status != .success { throw status }
    }
}
