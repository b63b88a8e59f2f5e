import Foundation
import Testing
import WeirSDK
import WeirTestKit

@testable import FilePlugin

private let second: UInt64 = 1_000_000_000

struct RotationTests {
    private let scratch: TemporaryFolder

    init() throws { scratch = try TemporaryFolder() }

    private func open(
        _ name: String = "out.json", at now: UInt64 = morning,
        _ change: (inout RotationSettings) -> Void
    ) throws -> RotatingFile {
        var settings = FileSettings(path: scratch.path + "/" + name)
        var rotation = RotationSettings()
        change(&rotation)
        settings.rotation = rotation
        var file = try RotatingFile(settings)
        try file.start(now: now)
        return file
    }

    @Test func bySize() throws {
        var file = try open { $0.maxMegabytes = 1 }
        try file.append(line(600_000), now: morning)
        try file.append(line((1 << 20) - 600_000), now: morning + second)
        #expect(try scratch.names == ["out.json"])
        try file.append(line(1), now: morning + 2 * second)
        try file.stop(now: morning)
        #expect(try scratch.names == ["out-2025-01-31T09-30-02.125.json", "out.json"])
        #expect(try scratch.bytes("out.json").count == 1)
        #expect(try scratch.bytes("out-2025-01-31T09-30-02.125.json").count == 1 << 20)
    }

    /// A record that is larger than a file may be gets one of its own.
    @Test func oversizedRecords() throws {
        var file = try open { $0.maxMegabytes = 1 }
        for index in 0..<3 { try file.append(line(2 << 20), now: morning + UInt64(index) * second) }
        try file.stop(now: morning)
        let sizes = try scratch.names.map { try scratch.bytes($0).count }
        #expect(sizes == [2 << 20, 2 << 20, 2 << 20])
    }

    /// The age counts from the first record, not from when the empty file was made.
    @Test func byAge() throws {
        var file = try open { $0.maxAge = .seconds(60) }
        try file.append(line(10), now: morning + 100 * second)
        try file.append(line(10), now: morning + 159 * second)
        #expect(try scratch.names == ["out.json"])
        try file.append(line(10), now: morning + 160 * second)
        try file.append(line(10), now: morning + 161 * second)
        try file.stop(now: morning)
        #expect(try scratch.names == ["out-2025-01-31T09-32-40.125.json", "out.json"])
        #expect(try scratch.names.map { try scratch.bytes($0).count } == [20, 20])
    }

    /// A file from an earlier run is continued, whole lines only, and is as old as its last write.
    @Test func continuesAfterRestart() throws {
        try scratch.write("{}\n{\"half", to: "out.json")
        let now = UInt64(Date().timeIntervalSince1970 * 1e9)
        var file = try open(at: now + 30 * second) { $0.maxAge = .seconds(60) }
        try file.append(Record(Array("{}\n".utf8)), now: now + 31 * second)
        #expect(try scratch.read("out.json") == "{}\n{\"half\n{}\n")
        try file.append(line(10), now: now + 70 * second)
        try file.stop(now: now)
        #expect(try scratch.names.count == 2)
    }

    /// Two rotations in one millisecond do not overwrite each other.
    @Test func sameMoment() throws {
        var file = try open { $0.maxMegabytes = 1 }
        for _ in 0..<4 { try file.append(line(1 << 20), now: morning) }
        try file.stop(now: morning)
        #expect(
            try scratch.names == [
                "out-2025-01-31T09-30-00.125.json", "out-2025-01-31T09-30-00.126.json",
                "out-2025-01-31T09-30-00.127.json", "out.json",
            ])
    }

    /// The newest are kept; what only looks like a backup stays.
    @Test func prunesByNumber() throws {
        for name in ["out-notes.json", "out-2025-01-30T09-30-00.125.txt", "other.json"] {
            try scratch.write("", to: name)
        }
        var file = try open {
            $0.maxMegabytes = 1
            $0.maxBackups = 2
        }
        for index in 0..<5 {
            let now = morning + UInt64(index) * second
            try file.append(line(1 << 20), now: now)
            try file.prune(now: now)
        }
        try file.stop(now: morning)
        #expect(
            try scratch.names == [
                "other.json", "out-2025-01-30T09-30-00.125.txt",
                "out-2025-01-31T09-30-03.125.json", "out-2025-01-31T09-30-04.125.json",
                "out-notes.json", "out.json",
            ])
    }

    @Test func prunesByAge() throws {
        for day in ["28", "29", "30"] {
            let name = "out-2025-01-\(day)T09-30-00.125.json"
            try scratch.write("", to: name)
        }
        var file = try open { $0.maxDays = 2 }
        try file.prune(now: morning)
        try file.stop(now: morning)
        #expect(
            try scratch.names == [
                "out-2025-01-29T09-30-00.125.json", "out-2025-01-30T09-30-00.125.json", "out.json",
            ])
    }

    @Test(arguments: [
        ("/data/spans.json", "spans-2025-01-31T09-30-00.125.json"),
        ("spans", "spans-2025-01-31T09-30-00.125"),
        ("/a.b/spans.tar.gz", "spans.tar-2025-01-31T09-30-00.125.gz"),
    ])
    func names(_ path: String, _ expected: String) {
        for isLocal in [false, true] {
            let names = BackupName(path: path, isLocal: isLocal)
            let name = names.name(at: morning)
            if !isLocal { #expect(name == expected) }
            #expect(names.moment(of: name) == morning)
        }
    }

    @Test(arguments: [
        "spans.json", "spans-2025-01-31T09-30-00.125.txt", "spans-2025-01-31T09:30:00.125.json",
        "spans-2025-01-31T09-30-00.12.json", "spans-2025-00-31T09-30-00.125.json",
        "x-2025-01-31T09-30-00.125.json", "spans-1960-01-31T09-30-00.125.json",
    ])
    func otherNames(_ name: String) {
        #expect(BackupName(path: "spans.json", isLocal: false).moment(of: name) == nil)
    }

    /// Someone removed the file: it is made again, instead of writing into nowhere.
    @Test func removedFile() throws {
        var file = try open { $0.maxMegabytes = 1 }
        try file.append(line(10), now: morning)
        scratch.remove("out.json")
        try file.append(line(20), now: morning)
        try file.stop(now: morning)
        #expect(try scratch.bytes("out.json").count == 20)
    }
}
