import CWeir
import NIOCore
import Testing
import WeirTelemetry

@testable import WeirRuntime

@Suite struct BatchTests {
    private let budget = MemoryBudget(limit: 1 << 20)

    private func buffer(_ text: String) -> HostBuffer {
        HostBuffer(ByteBuffer(string: text), budget: budget)
    }

    private func make(
        _ parts: [weir_slice], sources: [HostBatch] = [], buffers: [HostBuffer] = [],
        items: UInt64 = 1
    ) -> (HostBatch?, String) {
        var error = weir_error.make()
        let sourcePointers = sources.map { Optional($0.pointer) }
        let bufferPointers = buffers.map { Optional(UnsafePointer($0.pointer)) }
        let batch = parts.withUnsafeBufferPointer { parts in
            sourcePointers.withUnsafeBufferPointer { sources in
                bufferPointers.withUnsafeBufferPointer { buffers in
                    var spec = weir_batch_spec(
                        size: UInt32(MemoryLayout<weir_batch_spec>.size), signal: 1, items: items,
                        parts: parts.baseAddress, part_count: UInt32(parts.count),
                        source_count: UInt32(sources.count), sources: sources.baseAddress,
                        buffers: buffers.baseAddress, buffer_count: UInt32(buffers.count),
                        reserved: 0)
                    return HostBatch.make(&spec, error: &error)
                }
            }
        }
        return (batch, error.text)
    }

    private func slice(_ buffer: HostBuffer, _ range: Range<Int>) -> weir_slice {
        weir_slice(data: buffer.pointer.pointee.data + range.lowerBound, length: range.count)
    }

    @Test func partsShareTheMemoryOfBuffersAndSources() throws {
        let first = buffer("hello")
        let (one, _) = make([slice(first, 0..<5)], buffers: [first])
        let source = try #require(one)
        let second = buffer("world")
        let middle = weir_slice(data: source.pointer.pointee.parts[0].data! + 1, length: 3)
        let (two, _) = make([middle, slice(second, 0..<5)], sources: [source], buffers: [second])
        let batch = try #require(two)
        #expect(batch.parts.map { String(buffer: $0) } == ["ell", "world"])
        #expect(batch.byteCount == 8 && batch.pointer.pointee.bytes == 8)
        #expect(batch.pointer.pointee.parts[0].data == source.pointer.pointee.parts[0].data! + 1)
        #expect(HostBatch.from(batch.pointer) === batch)
    }

    /// A queue of rewritten batches does not hold what they were made from as well.
    @Test func whatNoPartLiesInIsGivenBack() throws {
        var made: HostBatch?
        do {
            let old = buffer(String(repeating: "o", count: 1000))
            let source = try #require(make([slice(old, 0..<1000)], buffers: [old]).0)
            let new = buffer("new")
            made = make([slice(new, 0..<3)], sources: [source], buffers: [new]).0
        }
        let batch = try #require(made)
        #expect(batch.parts.map { String(buffer: $0) } == ["new"])
        #expect(budget.used == batch.parts[0].storageCapacity)
        let (whole, _) = make([batch.pointer.pointee.parts[0]], sources: [batch])
        made = nil
        #expect(try #require(whole).parts[0].storageCapacity == budget.used)
    }

    @Test func refusesPartsThatLieNowhere() {
        let known = buffer("known")
        let stranger = buffer("stranger")
        let (batch, reason) = make([slice(stranger, 0..<3)], buffers: [known])
        #expect(batch == nil && reason.contains("part 0 (3 bytes) lies in none"))
        let beyond = weir_slice(data: known.pointer.pointee.data, length: 6)
        #expect(make([beyond], buffers: [known]).0 == nil)
    }

    @Test func countsAndChecksWhatIsUnknown() {
        let bad = buffer("\u{12}\u{7f}")
        let (batch, reason) = make(
            [slice(bad, 0..<2)], buffers: [bad], items: UInt64.max)
        #expect(batch == nil && reason.contains("ExportTraceServiceRequest"))
        let (empty, _) = make([], items: UInt64.max)
        #expect(empty?.items == 0)
    }

    @Test func roomIsReservedBeforeABodyIsRead() throws {
        let budget = MemoryBudget(limit: 100)
        var first = budget.reserve(60)
        #expect(first != nil)
        #expect(budget.reserve(41) == nil && budget.used == 60)
        let second = try #require(budget.reserve(40))
        #expect(budget.used == 100)
        second.release()
        second.release()
        #expect(budget.used == 60)
        first = nil
        #expect(budget.used == 0)
    }

    @Test func theBudgetIsExact() {
        #expect(budget.used == 0)
        do {
            let held = buffer("twelve bytes")
            #expect(budget.used == held.bytes.storageCapacity)
            let (batch, _) = make([slice(held, 0..<6)], buffers: [held])
            #expect(batch != nil)
            #expect(budget.used == held.bytes.storageCapacity)
        }
        #expect(budget.used == 0)
    }
}

/// When those are told to come again for whom there is no memory.
@Suite struct ReleasePaceTests {
    private static let second: UInt64 = 1_000_000_000

    @Test func followsWhatIsGivenBack() {
        let budget = MemoryBudget(limit: 100 << 20)
        budget.add(80 << 20)
        var now = 5 * Self.second
        #expect(budget.retryAfterNano(atNano: now) == Self.second, "nothing is known")
        // 1 MiB in each 200 ms: a quarter of what is held is gone after about 4 s.
        for _ in 0..<5 {
            now += Self.second / 5
            budget.remove(1 << 20)
            _ = budget.retryAfterNano(atNano: now)
        }
        let hint = budget.retryAfterNano(atNano: now)
        #expect((3 * Self.second...4 * Self.second).contains(hint), "\(hint)")
        // Looks that follow each other at once change nothing.
        #expect(budget.retryAfterNano(atNano: now + 1000) == hint)
        // What was slow an hour ago need not be slow now.
        #expect(budget.retryAfterNano(atNano: now + 3600 * Self.second) == Self.second)
    }

    /// What is set aside for a body and given back when the body is in says nothing of the pace.
    @Test func reservationsDoNotCount() {
        let budget = MemoryBudget(limit: 100 << 20)
        budget.add(80 << 20)
        var now = 5 * Self.second
        for _ in 0..<9 {
            now += Self.second / 5
            budget.reserve(10 << 20)?.release()
            #expect(budget.reserve(30 << 20) == nil)
            #expect(budget.retryAfterNano(atNano: now) == Self.second)
        }
        #expect(budget.used == 80 << 20)
    }
}

@Suite struct SizedStructTests {
    /// What an older plugin did not write is absent, not whatever lies behind it in memory.
    @Test func whatLiesBeyondTheSizeIsZero() {
        let memory = UnsafeMutableRawPointer.allocate(byteCount: 256, alignment: 16)
        defer { memory.deallocate() }
        memory.initializeMemory(as: UInt8.self, repeating: 0xff, count: 256)
        let handler = memory.assumingMemoryBound(to: weir_http_handler.self)
        let known = MemoryLayout<weir_http_handler>.offset(of: \.abandoned)!
        handler.pointee.size = UInt32(known)
        handler.pointee.context = nil
        let copy = UnsafePointer(handler).copied
        #expect(copy.size == UInt32(known) && copy.context == nil)
        #expect(copy.abandoned == nil && copy.streams == nil)
    }
}
