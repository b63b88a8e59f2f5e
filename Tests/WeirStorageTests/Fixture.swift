import Foundation
import NIOCore
import Synchronization

@testable import WeirStorage

/// A folder that goes with the test.
final class Folder: Sendable {
    let path: String

    init() {
        path = FileManager.default.temporaryDirectory.path + "/weir-storage-" + UUID().uuidString
        try? FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    var segments: [String] { names.filter { $0.hasSuffix(".segment") } }

    var names: [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted()
    }

    func bytes(_ name: String) -> [UInt8] {
        [UInt8]((try? Data(contentsOf: URL(filePath: path + "/" + name))) ?? Data())
    }

    func write(_ name: String, _ bytes: [UInt8]) throws {
        try Data(bytes).write(to: URL(filePath: path + "/" + name))
    }

    func remove(_ names: [String]) {
        for name in names { try? FileManager.default.removeItem(atPath: path + "/" + name) }
    }

    /// A copy as a crash would leave it: taken while the queue is open.
    func copy() throws -> Folder {
        let other = Folder()
        for name in names where name != "lock" {
            try FileManager.default.copyItem(
                atPath: path + "/" + name, toPath: other.path + "/" + name)
        }
        return other
    }
}

/// What a queue said.
final class Events: Sendable {
    private let list = Mutex<[StorageEvent]>([])

    var all: [StorageEvent] { list.withLock { $0 } }
    var report: @Sendable (StorageEvent) -> Void {
        { event in self.list.withLock { $0.append(event) } }
    }

    var damaged: Int { all.count { if case .damaged = $0 { true } else { false } } }
    var torn: Int { all.count { if case .torn = $0 { true } else { false } } }
    var lost: Int {
        all.reduce(0) { if case .lost(_, let count, _) = $1 { $0 + count } else { $0 } }
    }
    var rebuilt: Int { all.count { if case .indexRebuilt = $0 { true } else { false } } }
}

/// Waits for completions.
final class Outcome: Sendable {
    private let result = Mutex<Result<UInt64, StorageError>?>(nil)
    private let done = DispatchSemaphore(value: 0)

    var completion: @Sendable (UInt64, StorageError?) -> Void {
        { id, error in
            self.result.withLock { $0 = error.map { .failure($0) } ?? .success(id) }
            self.done.signal()
        }
    }

    func get() throws -> UInt64 {
        done.wait()
        return try result.withLock { $0! }.get()
    }
}

extension DurableQueue {
    /// Appends, and waits until that is safe.
    @discardableResult
    func store(_ body: [UInt8], signal: UInt8 = 1, items: Int = 1) throws -> UInt64 {
        let outcome = Outcome()
        _ = try append(
            signal: signal, items: items, parts: [ByteBuffer(bytes: body)],
            completion: outcome.completion)
        return try outcome.get()
    }

    func body(_ id: UInt64) throws -> [UInt8] { Array(try read(id).readableBytesView) }
}

/// Bytes that follow from a number.
func bytes(_ seed: Int, _ count: Int) -> [UInt8] {
    var state = UInt64(truncatingIfNeeded: seed) &* 0x9E37_79B9_7F4A_7C15 | 1
    return (0..<count).map { _ in
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return UInt8(truncatingIfNeeded: state >> 32)
    }
}

struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }
}
