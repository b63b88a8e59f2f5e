import ArgumentParser
import NIOPosix
import WeirNet

struct SinkCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sink",
        abstract: "Counts the items that come, over gRPC and HTTP; GET /count prints the totals.")

    @Option(help: "Where to listen.") var address = "127.0.0.1:14317"
    @Option(help: "Threads.") var threads = 2

    func run() async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: threads)
        let (_, _, bound) = try await Sink.start(
            endpoint: Endpoint(parsing: address), group: group)
        print("listening on \(bound)")
        // Until it is killed.
        while true { try await Task.sleep(for: .seconds(3600)) }
    }
}
