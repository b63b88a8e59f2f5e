import Foundation
import Logging
import Testing
import WeirNet

@testable import WeirCommand

/// A `--web.config.file` is read again when it changes.
@Suite struct WebFileTests {
    private static let alice =
        "basic_auth_users: {alice: $2y$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW}\n"

    private func file(_ text: String) throws -> String {
        let path = NSTemporaryDirectory() + "weir-web-\(UUID().uuidString).yml"
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        return path
    }

    @Test func whatIsWrongNamesTheFile() throws {
        let path = try file("basic_auth_users: {alice: secret}")
        defer { try? FileManager.default.removeItem(atPath: path) }
        let error = #expect(throws: NetError.self) {
            try WebFile(path, logger: Logger(label: "test"))
        }
        #expect(error?.message.hasPrefix("\(path): basic_auth_users.alice") == true, "\(error!)")
        let missing = #expect(throws: NetError.self) {
            try WebFile("/nowhere/web.yml", logger: Logger(label: "test"))
        }
        #expect(missing?.message.contains("cannot read /nowhere/web.yml") == true)
    }

    /// A file is empty while an editor writes it: that opens no door.
    @Test func usersStayWhileTheFileIsEmpty() throws {
        let path = try file(Self.alice)
        defer { try? FileManager.default.removeItem(atPath: path) }
        let reader = WebReader(path, logger: Logger(label: "test"))
        #expect(try reader.read().users.keys.sorted() == ["alice"])
        for broken in ["", "basic_auth_users: {alice: x}", "- a"] {
            try broken.write(toFile: path, atomically: false, encoding: .utf8)
            #expect(throws: NetError.self) { try reader.read() }
        }
        try Self.alice.replacing("alice", with: "bob").write(
            toFile: path, atomically: false, encoding: .utf8)
        #expect(try reader.read().users.keys.sorted() == ["bob"])
    }

    /// Where nobody was asked at the start, nobody is asked later.
    @Test func aFileWithoutUsersHasNone() throws {
        let path = try file("http_server_config: {headers: {X-A: b}}")
        defer { try? FileManager.default.removeItem(atPath: path) }
        let web = try WebFile(path, logger: Logger(label: "test"))
        #expect(
            web.users == nil && web.headers.map(\.0) == ["x-a"] && web.headers.map(\.1) == ["b"])
    }
}
