import Glibc
import NIOCore
import WeirStorage

// Stores random batches in the folder of its first argument, as fast as it may, and writes each number
// to standard output once it was told that the batch is safe: "a ID SIGNAL ITEMS SEED LENGTH". Removes
// some again: "r ID". Runs until it is killed. The bytes of a batch follow from its seed.

guard CommandLine.arguments.count > 1 else {
    print("usage: weir-storage-victim DIRECTORY")
    exit(2)
}
var options = DurableQueue.Options(directory: CommandLine.arguments[1])
options.segmentBytes = 256 << 10

/// One write(2) a line: what was written is out, whatever happens next.
@Sendable func say(_ line: String) {
    let bytes = Array((line + "\n").utf8)
    _ = unsafe bytes.withUnsafeBytes { unsafe write(1, $0.baseAddress, $0.count) }
}

do {
    let queue = try DurableQueue(options) { say("e \($0.text)") }
    for record in queue.pending() { say("p \(record.id)") }
    say("ready")
    var last: UInt64 = 0
    while true {
        let (seed, length) = (UInt64.random(in: 0...UInt64.max), Int.random(in: 0...40_000))
        var body = ByteBuffer()
        var state = seed
        for _ in 0..<(length + 7) / 8 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            body.writeInteger(state)
        }
        body.moveWriterIndex(to: length)
        let cut = Int.random(in: 0...length)
        let parts = [
            body.getSlice(at: 0, length: cut)!, body.getSlice(at: cut, length: length - cut)!,
        ]
        let (signal, items) = (UInt8.random(in: 1...3), Int.random(in: 1...100))
        let id = try queue.append(signal: signal, items: items, parts: parts) { id, error in
            say(error.map { "f \($0)" } ?? "a \(id) \(signal) \(items) \(seed) \(length)")
        }
        if Int.random(in: 0..<3) == 0, last > 0 {
            say("r \(last)")
            queue.remove([last])
        }
        last = id
        // No faster than the disk: memory is not what is tested.
        while queue.usage.records > 200 {
            let oldest = queue.pending()[0].id
            say("r \(oldest)")
            queue.remove([oldest])
        }
        if Int.random(in: 0..<20) == 0 { usleep(useconds_t.random(in: 0...2000)) }
    }
} catch {
    say("x \(error)")
    exit(1)
}
