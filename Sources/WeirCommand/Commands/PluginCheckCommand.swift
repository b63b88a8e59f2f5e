import ArgumentParser
import WeirRuntime

extension PluginCommand {
    /// Every check in a child process of its own: a plugin that crashes or hangs fails that check
    /// and no other.
    struct Check: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Tries a plugin out, each check in a process of its own.",
            discussion: "Exit status 1 if a check failed.")

        @Argument(help: "The plugin's file.") var path: String

        @Option(help: "Seconds that one check may take.") var timeout: Int = 15

        /// Runs this one check in this process: how the command calls itself.
        @Option(help: .hidden) var only: String?

        func run() throws {
            let manifest: PluginManifest
            do throws(PluginLoadError) {
                manifest = try PluginManifest.read(path: path)
            } catch {
                Terminal.output.line(Terminal.output.red("FAIL") + "  metadata: \(error.reason)")
                throw ExitCode.couldNotStart
            }
            if let only { return try runOne(only, manifest) }
            let terminal = Terminal.output
            terminal.line(terminal.green("ok  ") + "  metadata: \(manifest.id) \(manifest.version)")
            var failures = 0
            for step in PluginCheck.steps(manifest) {
                let result = ChildProcess.run(
                    [System.executable, "plugin", "check", path, "--only", step.name],
                    seconds: timeout)
                if let failure = result.failure {
                    failures += 1
                    terminal.line(terminal.red("FAIL") + "  \(step.what): \(failure)")
                } else {
                    terminal.line(terminal.green("ok  ") + "  \(step.what)")
                }
            }
            terminal.line(failures == 0 ? "all checks passed" : "\(failures) failed")
            if failures > 0 { throw ExitCode.couldNotStart }
        }

        private func runOne(_ step: String, _ manifest: PluginManifest) throws {
            do throws(PluginCheck.Failure) {
                try PluginCheck.run(step, manifest)
            } catch {
                Terminal.errors.line(error.description)
                throw ExitCode.couldNotStart
            }
        }
    }
}
