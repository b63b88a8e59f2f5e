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

            SIGHUP and `weir reload` put a changed configuration in force: what did not change goes on, \
            and a configuration with errors changes nothing. --watch does so by itself.

            At the end it prints what became of every item. Exit status 3: some were lost.
            """)

    @OptionGroup var options: ConfigurationOptions

    @Flag(help: "Reload the configuration when one of its files changes.")
    var watch = false

    func run() throws {
        let isDefault = options.isEmpty
        let reader = ConfigurationReader(options, orDefault: DefaultConfiguration.text)
        let loaded = try LoadedConfiguration(reader)
        loaded.report()
        guard let configuration = loaded.outcome.configuration else {
            throw ExitCode.badConfiguration
        }
        let daemon = Daemon(
            loaded, configuration, reader: reader, watches: watch,
            welcome: isDefault ? DefaultConfiguration.welcome : nil)
        let status = daemon.run()
        if status != .success { throw status }
    }
}
