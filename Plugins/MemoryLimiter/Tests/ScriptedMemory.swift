import Synchronization
import WeirSDK
import WeirTestKit

@testable import MemoryLimiterPlugin

/// Memory that a test sets; a component made in the task of a script reads from it.
struct ScriptedMemory: MemorySource {
    @TaskLocal static var script = Script()

    final class Script: Sendable {
        struct State {
            var resident = 0
            var available = 1000 << 20
            /// What `resident` is after the next trims, in turn.
            var afterTrim: [Int] = []
            var trims = 0
            var isBroken = false
        }
        let state = Mutex(State())
    }

    private let script = Self.script

    func resident() throws(ComponentError) -> Int {
        let (isBroken, resident) = script.state.withLock { ($0.isBroken, $0.resident) }
        if isBroken { throw .unsupported("statm: broken") }
        return resident
    }

    func available() throws(ComponentError) -> Int { script.state.withLock { $0.available } }

    func trim() {
        script.state.withLock { state in
            state.trims += 1
            if !state.afterTrim.isEmpty { state.resident = state.afterTrim.removeFirst() }
        }
    }
}

let scripted = Plugin(
    id: "test", version: "1",
    components: [
        .processor("memory_limiter", MemoryLimiter<ScriptedMemory>.self, [.runsConcurrently])
    ])
