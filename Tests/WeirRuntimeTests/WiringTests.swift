import CWeir
import CWeirSystem
import Foundation
import Synchronization
import Testing
import WeirConfig
import WeirTelemetry

@testable import WeirRuntime

/// What follows a component is changed while others emit there.
@Suite(.serialized) struct WiringTests {
    /// Counts what it takes; after it was closed, that is a fault.
    private final class Counter: Consumer {
        let taken = Atomic<Int>(0)
        let late = Atomic<Int>(0)
        let isClosed = Atomic<Bool>(false)
        let isRequired = true

        func take(_ batch: HostBatch, error: UnsafeMutablePointer<weir_error>) -> weir_status {
            taken.add(batch.items, ordering: .relaxed)
            if isClosed.load(ordering: .acquiring) { late.add(1, ordering: .relaxed) }
            return Status.ok
        }

        func wouldTake(_ batch: HostBatch, error: UnsafeMutablePointer<weir_error>) -> weir_status {
            Status.ok
        }

        func drop(_ batch: HostBatch, reason: String) {}
    }

    private static func wiring(to consumer: Counter) -> Wiring {
        Wiring(
            outputs: WeirTelemetry.Signal.allCases.map {
                $0 == WeirTelemetry.Signal.logs
                    ? Outputs([consumer], time: VirtualTime()) : Outputs()
            },
            signals: [.logs])
    }

    /// Every batch reaches one of the consumers that were there, and none after it was said to be
    /// out of use.
    @Test func nothingIsLostAndNothingComesTooLate() throws {
        let source = ScriptedComponent(kind: .receiver)
        try source.instance.create(settings: [])
        var counter = Counter()
        source.instance.wiring.begin(Self.wiring(to: counter))
        let isOver = Atomic<Bool>(false)
        let running = Atomic<Int>(3)
        let emitted = Atomic<Int>(0)
        withExtendedLifetime(source) {
            let work: @Sendable () -> Void = {
                var error = weir_error.make()
                while !isOver.load(ordering: .relaxed) {
                    let batch = HostBatch(signal: .logs, items: 1, parts: [], owners: [])
                    if source.instance.emit(batch, error: &error) == Status.ok {
                        emitted.add(1, ordering: .relaxed)
                    }
                }
                running.subtract(1, ordering: .releasing)
            }
            for _ in 0..<3 { Thread.detachNewThread(work) }
            while emitted.load(ordering: .relaxed) == 0 { Thread.sleep(forTimeInterval: 0.001) }
            var all = [counter]
            for _ in 0..<300 {
                let next = Counter()
                var rewiring = Rewiring()
                rewiring.add(source.instance, Self.wiring(to: next))
                let former = rewiring.apply()
                while !former.areUnused { Thread.sleep(forTimeInterval: 0.0001) }
                counter.isClosed.store(true, ordering: .releasing)
                counter = next
                all.append(next)
            }
            isOver.store(true, ordering: .relaxed)
            while running.load(ordering: .acquiring) > 0 { Thread.sleep(forTimeInterval: 0.001) }
            #expect(all.reduce(0) { $0 + $1.late.load(ordering: .relaxed) } == 0)
            #expect(
                all.reduce(0) { $0 + $1.taken.load(ordering: .relaxed) }
                    == emitted.load(ordering: .relaxed))
        }
    }

    @Test func anEmissionIsWaitedForUntilItsOuterEnd() {
        weir_emission_begin()
        weir_emission_begin()
        let mark = weir_emission_mark()
        #expect(!weir_emission_ended(mark))
        weir_emission_end()
        #expect(!weir_emission_ended(mark))
        weir_emission_end()
        while !weir_emission_ended(mark) { Thread.sleep(forTimeInterval: 0.001) }
    }

    /// One that began later does not hold up those who wait for earlier ones.
    @Test func laterEmissionsDoNotCount() {
        let mark = weir_emission_mark()
        weir_emission_begin()
        while !weir_emission_ended(mark) { Thread.sleep(forTimeInterval: 0.001) }
        #expect(!weir_emission_ended(weir_emission_mark()))
        weir_emission_end()
    }
}
