import Foundation
import Synchronization
import Testing
import WeirSDK
import WeirTestKit

@testable import HostPlugin

struct FilesystemTests {
    /// A file system that does not answer until it is told to.
    private final class Hanging: Sendable {
        let release = DispatchSemaphore(value: 0)
        let asked = Mutex<[String]>([])

        func ask(_ path: String) -> FilesystemRoom? {
            asked.withLock { $0.append(path) }
            if path.hasPrefix("/hang") { release.wait() }
            if path.hasPrefix("/none") { return nil }
            var room = FilesystemRoom()
            room.size = Double(path.utf8.count)
            return room
        }
    }

    @Test func whatHangsHoldsNothingElseUp() async throws {
        let hanging = Hanging()
        let asker = MountAsker(patience: .milliseconds(20)) { hanging.ask($0) }
        let paths = ["/a", "/hang1", "/none", "/hang2", "/bcd"]
        let first = asker.ask(paths, limit: .seconds(5))
        #expect(first.map { $0?.size } == [2, nil, nil, nil, 4])
        #expect(asker.hangingCount == 2)
        // What hangs is not asked again.
        let second = asker.ask(paths, limit: .seconds(5))
        #expect(second.map { $0?.size } == [2, nil, nil, nil, 4])
        #expect(hanging.asked.withLock { $0.filter { $0 == "/hang1" }.count } == 1)
        // Until it has come back.
        for _ in 0..<2 { hanging.release.signal() }
        while asker.hangingCount > 0 { await Task.yield() }
        for _ in 0..<2 { hanging.release.signal() }
        let third = asker.ask(paths, limit: .seconds(5))
        #expect(third.map { $0?.size } == [2, 6, nil, 6, 4])
    }

    /// The limit counts for all together.
    @Test func theLimitEndsIt() {
        let hanging = Hanging()
        let asker = MountAsker(patience: .seconds(60)) { hanging.ask($0) }
        let start = ContinuousClock().now
        let answers = asker.ask(["/hang1", "/hang2"], limit: .milliseconds(10))
        #expect(answers.allSatisfy { $0 == nil })
        #expect(ContinuousClock().now - start < .seconds(30))
        for _ in 0..<2 { hanging.release.signal() }
    }

    @Test func mounts() throws {
        let tree = try TestTree()
        try tree.makeFolder("data")
        try tree.write(
            """
            /dev/vda1 \(tree.root) ext4 rw,relatime 0 0
            /dev/vdb \(tree.root)/data xfs ro 0 0
            /dev/vdb \(tree.root)/data xfs ro 0 0
            /dev/vdc \(tree.root)/gone xfs rw 0 0
            proc \(tree.root)/proc proc rw 0 0
            tmpfs \(tree.root)/run/x tmpfs rw 0 0
            broken

            """, to: "proc/1/mounts")
        let found = try tree.collect("filesystem")
        let data = #"{device="/dev/vdb",mountpoint="/data",fstype="xfs"}"#
        let root = #"{device="/dev/vda1",mountpoint="/",fstype="ext4"}"#
        let gone = #"{device="/dev/vdc",mountpoint="/gone",fstype="xfs"}"#
        #expect(found["node_filesystem_readonly" + data] == 1)
        #expect(found["node_filesystem_readonly" + root] == 0)
        #expect((found["node_filesystem_size_bytes" + root] ?? 0) > 0)
        #expect(
            (found["node_filesystem_avail_bytes" + data] ?? -1)
                <= (found["node_filesystem_size_bytes" + data] ?? -2))
        #expect(found["node_filesystem_device_error" + gone] == 1)
        #expect(found["node_filesystem_size_bytes" + gone] == nil)
        #expect(found.values.keys.filter { $0.hasPrefix("node_filesystem_readonly") }.count == 3)
    }
}
