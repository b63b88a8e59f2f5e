import Foundation
import Testing
import WeirPrometheus
import WeirTestKit

@testable import PrometheusPlugin

/// A folder of its own, gone with the test.
final class ScratchFolder: Sendable {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "weir-file-sd-\(UUID().uuidString)"
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// Replaces a file as careful writers do: the new one has another inode.
    func write(_ name: String, _ text: String) throws {
        try text.write(toFile: "\(path)/\(name)", atomically: true, encoding: .utf8)
    }

    func remove(_ name: String) throws {
        try FileManager.default.removeItem(atPath: "\(path)/\(name)")
    }
}

struct FileDiscoveryTests {
    @Test func filesAreFoundReadFollowedAndForgotten() throws {
        let folder = try ScratchFolder()
        try folder.write(
            "a.json",
            #"[{"targets":["a:1","a:2"],"labels":{"n":7,"x":true}},{"targets":["a:3"]}]"#)
        try folder.write("b.txt", "not for us")
        let run = try DiscoveryRun(#"{"file_sd_configs":[{"files":["\#(folder.path)/*.json"]}]}"#)
        #expect(run.found.addresses == ["a:1", "a:2", "a:3"])
        #expect(
            run.found.all[0]
                == labels([
                    "__address__": "a:1", "n": "7", "x": "true",
                    "__meta_filepath": "\(folder.path)/a.json",
                ]))
        #expect(run.found.calls == [2])

        // Nothing changed: nothing is said.
        run.host.advance(by: .seconds(20))
        #expect(run.found.calls == [2])

        try folder.write("a.json", #"[{"targets":["a:9"]}]"#)
        try folder.write("c.json", #"[{"targets":["c:1"]}]"#)
        run.host.advance(by: .seconds(5))
        #expect(run.found.addresses == ["a:9", "c:1"])

        try folder.remove("a.json")
        run.host.advance(by: .seconds(5))
        #expect(run.found.addresses == ["c:1"])
        #expect(run.warnings == [])
        run.stop()
        try folder.write("d.json", #"[{"targets":["d:1"]}]"#)
        run.host.advance(by: .seconds(300))
        #expect(run.found.addresses == ["c:1"])
        #expect(run.host.timerCount == 0)
    }

    @Test(arguments: [
        (#"[{"targets":["x:1"#, "is not valid"),
        (#"{"targets":["x:1"]}"#, "found no list"),
        (#"[{"target":["x:1"]}]"#, "[0].target: unknown, expected targets and labels"),
        (#"[null]"#, "[0]: found no mapping"),
        (#"[{"targets":"x:1"}]"#, "[0].targets: found \"x:1\", expected a list"),
    ])
    func whatCannotBeReadKeepsTheGroupsAndIsSaidOnce(_ text: String, _ reason: String) throws {
        let folder = try ScratchFolder()
        try folder.write("a.json", #"[{"targets":["a:1"]},{"targets":["a:2"]}]"#)
        let run = try DiscoveryRun(#"{"file_sd_configs":[{"files":["\#(folder.path)/a.json"]}]}"#)
        try folder.write("a.json", text)
        run.host.advance(by: .seconds(60))
        #expect(run.found.addresses == ["a:1", "a:2"])
        #expect(run.warnings.count == 1)
        let status = try #require(run.discovery.status.first)
        #expect(status.failures == 1)
        #expect(status.targets == 2)
        #expect(
            status.lastError.contains(reason) || reason == "is not valid", "\(status.lastError)")

        try folder.write("a.json", #"[{"targets":["a:3"]}]"#)
        run.host.advance(by: .seconds(5))
        #expect(run.found.addresses == ["a:3"])
        #expect(run.discovery.status.first?.lastError == "")
        run.stop()
    }

    /// A pattern without a file is no failure, but said, until there is one.
    @Test func anEmptyPatternIsKnownToBeEmptyAndSaidOnce() throws {
        let folder = try ScratchFolder()
        let run = try DiscoveryRun(
            """
            {"file_sd_configs":[{"files":["\(folder.path)/*.yml", "\(folder.path)/*.json"]}]}
            """)
        #expect(run.found.calls == [0])
        run.host.advance(by: .seconds(600))
        let remark =
            "no file matches \"\(folder.path)/*.yml\" or \"\(folder.path)/*.json\"; "
            + "files that appear there are read"
        #expect(run.warnings.count == 1 && run.warnings[0].hasSuffix(remark), "\(run.warnings)")
        #expect(run.discovery.status[0].remark == remark)
        #expect(run.discovery.status[0].failures == 0)

        try folder.write("a.json", #"[{"targets":["a:1"]}]"#)
        run.host.advance(by: .seconds(5))
        #expect(run.found.addresses == ["a:1"])
        #expect(run.warnings.count == 2 && !run.warnings[1].contains(" or "))
        try folder.write("a.yml", "[]")
        run.host.advance(by: .seconds(5))
        #expect(run.discovery.status[0].remark == "" && run.warnings.count == 2)
        run.stop()
    }

    /// Where a relative one begins is not for the reader to guess.
    @Test func anEmptyRelativePatternNamesTheFolder() throws {
        let run = try DiscoveryRun(#"{"file_sd_configs":[{"files":["no-such-folder/*.yml"]}]}"#)
        let folder = FileManager.default.currentDirectoryPath
        #expect(run.warnings.count == 1)
        #expect(
            run.warnings.first?.contains(
                "no file matches \"no-such-folder/*.yml\", seen from the working directory \(folder);"
            )
                == true)
        run.stop()
    }

    @Test func equalSettingsShareOneLook() throws {
        let folder = try ScratchFolder()
        try folder.write("a.json", #"[{"targets":["a:1"]}]"#)
        let host = FakeHost()
        let discovery = Discovery(host: host.asSeenByPlugin, cluster: .none)
        let (first, second) = (FoundTargets(), FoundTargets())
        let json = #"{"file_sd_configs":[{"files":["\#(folder.path)/a.json"]}]}"#
        try discovery.add(try discoveryConfig(json)) { first.take($0) }
        try discovery.add(
            try discoveryConfig(
                #"{"static_configs":[{"targets":["s:1"],"labels":{"l":"1"}},{"targets":["s:2"]}],"#
                    + json.dropFirst())
        ) { second.take($0) }
        try discovery.start()
        #expect(discovery.status.count == 1)
        #expect(first.addresses == ["a:1"])
        #expect(second.addresses == ["a:1", "s:1", "s:2"])
        #expect(second.sources.count == 3)
        discovery.stop()
    }
}
