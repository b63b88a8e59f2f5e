import Synchronization
import WeirSDK
import WeirTelemetry

/// Components that break one rule each, for testing that the conformance suite sees it.
enum BadPlugins {
    /// `plugin.json` for one processor "bad" with one setting `size`.
    static let json = """
        {"id": "test.bad", "version": "1.0.0", "license": "Apache-2.0", "summary": "Bad.",
         "components": [{"kind": "processor", "type": "bad", "summary": "Bad.",
           "stability": "alpha", "consumes": ["logs"], "emits": ["logs"],
           "settings": {"type": "object", "additionalProperties": false, "properties":
             {"size": {"type": "integer", "default": 1, "description": "A size."}}}}]}
        """

    static func plugin<P: Processor>(_ type: P.Type) -> Plugin {
        Plugin(
            id: "test.bad", version: "1.0.0",
            components: [.processor("bad", type, [.runsConcurrently])])
    }

    struct Size: Decodable { var size: Int }

    class Base {
        let host: Host
        required init(settings: Size, host: Host) { self.host = host }
    }

    /// Does everything right.
    final class Good: Base, Processor, @unchecked Sendable {  // Sendable: constants
        func consume(_ batch: Batch) throws(ComponentError) { try host.emit(batch) }
    }

    /// Takes batches and says nothing of them.
    final class Loses: Base, Processor, @unchecked Sendable {  // Sendable: constants
        func consume(_ batch: Batch) throws(ComponentError) {}
    }

    /// Keeps batches beyond its end.
    final class Leaks: Base, Processor, @unchecked Sendable {  // Sendable: constants
        func consume(_ batch: Batch) throws(ComponentError) {
            try host.emit(batch)
            _ = unsafe Unmanaged.passRetained(batch)
        }
    }

    /// Says that a batch has more items than it has.
    final class Miscounts: Base, Processor, @unchecked Sendable {  // Sendable: constants
        func consume(_ batch: Batch) throws(ComponentError) {
            try host.emit(
                host.makeBatch(
                    .logs, items: batch.items + 1, parts: [Part(batch, part: 0)]))
        }
    }

    /// Emits bytes that are no request.
    final class Corrupts: Base, Processor, @unchecked Sendable {  // Sendable: constants
        func consume(_ batch: Batch) throws(ComponentError) {
            let buffer = try host.makeBuffer(copying: [0x0A, 0x7F, 1])
            try host.emit(
                host.makeBatch(
                    .logs, items: batch.items, parts: [Part(buffer)], sources: [batch]))
        }
    }

    /// Uses the host before it may.
    final class Hasty: Processor {
        let host: Host
        init(settings: Size, host: Host) throws(ComponentError) {
            self.host = host
            _ = try host.makeBuffer(length: 10)
        }
        func consume(_ batch: Batch) throws(ComponentError) { try host.emit(batch) }
    }

    /// Leaves a timer behind.
    final class Ticks: Processor {
        let host: Host
        init(settings: Size, host: Host) { self.host = host }
        func start(deadline: Deadline) {
            let timer = host.timers?.after(.seconds(1), every: .seconds(1)) {}
            if let timer { _ = unsafe Unmanaged.passRetained(timer) }
        }
        func consume(_ batch: Batch) throws(ComponentError) { try host.emit(batch) }
    }

    /// Reads a setting that the schema does not have.
    final class ReadsMore: Processor {
        struct Settings: Decodable { var size: Int; var depth: Int? }
        let host: Host
        init(settings: Settings, host: Host) { self.host = host }
        func consume(_ batch: Batch) throws(ComponentError) { try host.emit(batch) }
    }

    /// Does not read a setting that the schema has.
    final class ReadsLess: Processor {
        let host: Host
        init(settings: NoSettings, host: Host) { self.host = host }
        func consume(_ batch: Batch) throws(ComponentError) { try host.emit(batch) }
    }
}
