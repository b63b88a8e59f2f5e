import CWeir
import Testing

@testable import WeirRuntime

@Suite struct ELFMetadataTests {
    /// A 64-bit ELF file with a section of names and one named section.
    static func elf(machine: UInt16, section: String, contents: [UInt8]) -> [UInt8] {
        func little(_ value: Int, _ width: Int) -> [UInt8] {
            (0..<width).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
        }
        let names = [UInt8](("\0" + section + "\0").utf8)
        let contentsAt = 64
        let namesAt = contentsAt + contents.count
        let tableAt = namesAt + names.count
        var file: [UInt8] = [0x7f, 0x45, 0x4c, 0x46, 2, 1, 1] + Array(repeating: 0, count: 9)
        file += little(3, 2) + little(Int(machine), 2) + little(1, 4) + little(0, 16)
        file += little(tableAt, 8) + little(0, 4) + little(64, 2) + little(0, 4)
        file += little(64, 2) + little(2, 2) + little(0, 2)
        file += contents + names
        func entry(_ name: Int, _ offset: Int, _ size: Int) -> [UInt8] {
            little(name, 4) + little(0, 20) + little(offset, 8) + little(size, 8) + little(0, 24)
        }
        // Section 0 is the table of names here, which is enough for a reader.
        return file + entry(0, namesAt, names.count) + entry(1, contentsAt, contents.count)
    }

    static func metadata(epoch: UInt32, _ json: String) -> [UInt8] {
        func little(_ value: UInt32) -> [UInt8] { (0..<4).map { UInt8(value >> ($0 * 8) & 255) } }
        return Array("WEIRPLUG".utf8) + little(24) + little(epoch) + little(0) + little(0)
            + Array(json.utf8) + [0]
    }

    @Test func findsTheSection() throws {
        let file = ELFFile(
            bytes: Self.elf(
                machine: ELFMetadata.hostMachine, section: ".weir.plugin",
                contents: Self.metadata(epoch: 7, "{}")))
        #expect(file.isELF64 && file.machine == ELFMetadata.hostMachine)
        let section = try #require(file.section(named: ".weir.plugin"))
        let header = try ELFMetadata.parse(section, path: "x")
        #expect(header == .init(epoch: 7, minor: 0, json: Array("{}".utf8)))
        #expect(file.section(named: ".other") == nil)
    }

    /// Whatever the file is, the reader comes back.
    @Test func survivesEveryTruncationAndManyMutations() {
        let whole = Self.elf(
            machine: ELFMetadata.hostMachine, section: ".weir.plugin",
            contents: Self.metadata(epoch: 1, #"{"id":"x"}"#))
        for length in 0..<whole.count {
            _ = ELFFile(bytes: Array(whole.prefix(length))).section(named: ".weir.plugin")
        }
        var random = SeededRandom(seed: 42)
        for _ in 0..<20_000 {
            var bytes = whole
            for _ in 0..<Int.random(in: 1...8, using: &random) {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(
                    in: 0...255, using: &random)
            }
            let file = ELFFile(bytes: bytes)
            guard let section = file.section(named: ".weir.plugin") else { continue }
            _ = try? ELFMetadata.parse(section, path: "x")
        }
    }

    @Test(arguments: [
        ([UInt8]("WEIRPLUG".utf8), "do not begin with WEIRPLUG"),
        (Array(repeating: UInt8(0), count: 64), "do not begin with WEIRPLUG"),
        (
            Array("WEIRPLUG".utf8) + [255, 255, 0, 0] + Array(repeating: 0, count: 20),
            "says 65535 bytes"
        ),
    ])
    func namesWhatIsWrongWithTheHeader(bytes: [UInt8], expected: String) {
        do {
            _ = try ELFMetadata.parse(bytes[...], path: "x.so")
            Issue.record("it was taken")
        } catch {
            #expect(error.code == .badMetadata)
            #expect(error.description.hasPrefix("plugin x.so: "))
            #expect(error.description.contains(expected))
        }
    }
}

/// xorshift64*: the same numbers on every run.
struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed | 1 }

    mutating func next() -> UInt64 {
        state ^= state >> 12
        state ^= state << 25
        state ^= state >> 27
        return state &* 2_685_821_657_736_338_717
    }
}
