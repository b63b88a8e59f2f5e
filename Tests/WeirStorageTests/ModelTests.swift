import Foundation
import NIOCore
import Testing

@testable import WeirStorage

/// Random work beside a model that is a dictionary.
@Suite struct ModelTests {
    @Test(arguments: 0..<12) func appendsRemovesAndReopensFollowTheModel(_ seed: Int) throws {
        let folder = Folder()
        var generator = SeededGenerator(state: UInt64(seed))
        var options = DurableQueue.Options(directory: folder.path)
        options.segmentBytes = UInt64.random(in: 100...20_000, using: &generator)
        options.syncs = seed % 2 == 0
        var model: [UInt64: (seed: Int, length: Int, signal: UInt8)] = [:]
        var queue: DurableQueue? = try DurableQueue(options)
        var next = 0
        for step in 0..<120 {
            switch Int.random(in: 0..<10, using: &generator) {
            case 0..<5:
                var outcomes: [Outcome] = []
                for _ in 0..<Int.random(in: 1...6, using: &generator) {
                    let length = Int.random(in: 0...3000, using: &generator)
                    let signal = UInt8.random(in: 1...3, using: &generator)
                    let outcome = Outcome()
                    let id = try queue!.append(
                        signal: signal, items: length,
                        parts: [ByteBuffer(bytes: bytes(next, length))],
                        completion: outcome.completion)
                    #expect(model[id] == nil)
                    model[id] = (next, length, signal)
                    outcomes.append(outcome)
                    next += 1
                }
                if Bool.random(using: &generator) {
                    for outcome in outcomes { _ = try outcome.get() }
                }
            case 5..<8:
                let count = Int.random(in: 0...8, using: &generator)
                let some = model.keys.sorted().shuffled(using: &generator).prefix(count)
                queue!.remove(Array(some))
                for id in some { model[id] = nil }
            case 8:
                // A number that was never given, or no longer is.
                queue!.remove([UInt64.max, 0])
            default:
                queue!.close()
                queue = nil
                if Int.random(in: 0..<4, using: &generator) == 0, model.isEmpty == false {
                    // Without the index, what is done may come again, and is removed again.
                    folder.remove(QueueIndex.files)
                    queue = try DurableQueue(options)
                    queue!.remove(queue!.pending().map(\.id).filter { model[$0] == nil })
                } else {
                    queue = try DurableQueue(options)
                }
            }
            #expect(queue!.pending().map(\.id) == model.keys.sorted(), "step \(step)")
            #expect(queue!.usage.records == model.count)
            #expect(queue!.usage.bytes == model.values.reduce(0) { $0 + $1.length })
            if let (id, record) = model.randomElement(using: &generator) {
                #expect(try queue!.body(id) == bytes(record.seed, record.length), "step \(step)")
                #expect(queue!.pending().first { $0.id == id }?.signal == record.signal)
            }
        }
        queue!.remove(Array(model.keys))
        queue!.close()
        #expect(folder.segments == [])
    }
}
