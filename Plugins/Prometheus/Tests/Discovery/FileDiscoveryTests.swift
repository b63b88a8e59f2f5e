import Foundation
import Testing
import WeirPrometheus
import WeirTestKit

@testable import PrometheusPlugin

struct FileDiscoveryTests {
    @Test func filesAreFoundReadFollowedAndForgotten() throws {
        let folder = try TemporaryFolder()
        try folder.write(
            #"[{"targets":["a:1","a:2"],"labels":{"n":7,"x":true}},{"targets":["a:3"]}]"#,
            to: "a.json")
        try folder.write("not for us", to: "b.txt")
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

        try folder.write(#"[{"targets":["a:9"]}]"#, to: "a.json")
        try folder.write(#"[{"targets":["c:1"]}]"#, to: "c.json")
        run.host.advance(by: .seconds(5))
        #expect(run.found.addresses == ["a:9", "c:1"])

        folder.remove("a.json")
        run.host.advance(by: .seconds(5))
        #expect(run.found.addresses == ["c:1"])
        #expect(run.warnings == [])
        run.stop()
        try folder.write(#"[{"targets":["d:1"]}]"#, to: "d.json")
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
        let folder = try TemporaryFolder()
        try folder.write(#"[{"targets":["a:1"]},{"targets":["a:2"]}]"#, to: "a.json")
        let run = try DiscoveryRun(#"{"file_sd_configs":[{"files":["\#(folder.path)/a.json"]}]}"#)
        try folder.write(text, to: "a.json")
        run.host.advance(by: .seconds(60))
        #expect(run.found.addresses == ["a:1", "a:2"])
        #expect(run.warnings.count == 1)
        let status = try #require(run.discovery.status.first)
        #expect(status.failures == 1)
        #expect(status.targets == 2)
        #expect(
            status.lastError.contains(reason) || reason == "is not valid", "\(status.lastError)")

        try folder.write(#"[{"targets":["a:3"]}]"#, to: "a.json")
        run.host.advance(by: .seconds(5))
        #expect(run.found.addresses == ["a:3"])
        #expect(run.discovery.status.first?.lastError == "")
        run.stop()
    }

    /// A pattern without a file is no failure, but said, until there is one.
    @Test func anEmptyPatternIsKnownToBeEmptyAndSaidOnce() throws {
        let folder = try TemporaryFolder()
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

        try folder.write(#"[{"targets":["a:1"]}]"#, to: "a.json")
        run.host.advance(by: .seconds(5))
        #expect(run.found.addresses == ["a:1"])
        #expect(run.warnings.count == 2 && !run.warnings[1].contains(" or "))
        try folder.write("[]", to: "a.yml")
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
        let folder = try TemporaryFolder()
        try folder.write(#"[{"targets":["a:1"]}]"#, to: "a.json")
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
