import ArgumentParser
import Glibc
import WeirNet

struct ReloadCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reload",
        abstract: "Lets a running weir put its changed configuration in force.",
        discussion: """
            Asks the admin endpoint of the one that runs, which reads the files that it was started \
            with. What did not change goes on; a configuration with errors changes nothing, and the \
            errors are printed. SIGHUP does the same.

            Exit status: 1 weir cannot be reached, or something cannot start; 2 the configuration is \
            wrong.
            """)

    @Flag(help: "Only print what would be kept, restarted, added and removed.")
    var plan = false

    @Option(
        help: ArgumentHelp(
            "Its service.telemetry.metrics.address.", valueName: "host:port"))
    var address = "127.0.0.1:8888"

    func run() throws {
        let answer: AdminClient.Answer
        do throws(NetError) {
            answer = try AdminClient(address).ask(plan ? "GET" : "POST", "/-/reload")
        } catch {
            Terminal.errors.line(
                "weir: no weir answers at \(address): \(error.message); --address says where")
            throw ExitCode.couldNotStart
        }
        let isDone = answer.status == 200
        System.write(answer.text, to: isDone ? STDOUT_FILENO : STDERR_FILENO)
        if !isDone {
            throw answer.status == 400 ? ExitCode.badConfiguration : ExitCode.couldNotStart
        }
    }
}
