import ArgumentParser
import Foundation

struct PayloadCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "payload", abstract: "Writes the request bodies to a folder, as NAME_N.pb.")

    @Argument(help: "The folder.") var folder: String

    func run() throws {
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true)
        for signal in PayloadSignal.allCases {
            for items in [1, 10, 100, 1000] {
                let body = Payload.make(signal, items: items)
                let name = "\(signal.rawValue)_\(items)"
                try Data(body).write(to: URL(fileURLWithPath: "\(folder)/\(name).pb"))
                print(name, body.count)
            }
        }
    }
}
