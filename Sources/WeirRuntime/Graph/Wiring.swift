import CWeirSystem
import Synchronization
import WeirConfig
import WeirTelemetry

/// What follows an instance, and which signals it carries. A value for ever: a reload that changes
/// it puts another in its place.
final class Wiring: Sendable {
    /// By signal.
    let outputs: [Outputs]
    /// Those that some pipeline brings to the component or takes from there.
    let signals: Set<Signal>
    /// The ways into all pipelines that it leads to, where each of them has a share of the memory;
    /// else none.
    let entrances: [PipelineEntrance]

    init(outputs: [Outputs], signals: Set<Signal>) {
        self.outputs = outputs
        self.signals = signals
        let consumers = outputs.flatMap(\.consumers)
        let entrances = consumers.compactMap { $0 as? PipelineEntrance }
        self.entrances = entrances.count == consumers.count ? entrances : []
    }

    /// Of a component that nothing follows.
    convenience init() {
        self.init(outputs: Array(repeating: Outputs(), count: Signal.allCases.count), signals: [])
    }

    /// One that leads to these consumers, by signal; `nil`: this one does. Outputs that stay what
    /// they are still know who has taken what.
    func leading(
        to consumers: [[any Consumer]], _ signals: Set<Signal>, _ time: any HostTime
    ) -> Wiring? {
        let outputs = zip(self.outputs, consumers).map { old, consumers in
            old.leads(to: consumers) ? old : Outputs(consumers, time: time, after: old)
        }
        let isSame = zip(self.outputs, consumers).allSatisfy { $0.leads(to: $1) }
        return isSame && signals == self.signals
            ? nil : Wiring(outputs: outputs, signals: signals)
    }
}

/// The place of a wiring. It is read without a lock and without counting references, inside an
/// emission, and what it held before goes when no emission can use it any more.
@safe final class WiringPlace: Sendable {
    private let current = unsafe Atomic<Unmanaged<Wiring>>(.passRetained(Wiring()))

    deinit { unsafe current.load(ordering: .acquiring).release() }

    func withCurrent<Value>(_ body: (Wiring) -> Value) -> Value {
        weir_emission_begin()
        defer { weir_emission_end() }
        // Sequentially consistent, as the beginning is: see weir_emission.h.
        let wiring = unsafe current.load(ordering: .sequentiallyConsistent)
        return unsafe wiring._withUnsafeGuaranteedRef { body($0) }
    }

    /// Before anything is emitted from here.
    func begin(_ wiring: Wiring) { unsafe replace(wiring).release() }

    /// - Returns: what was there. It must be kept until all emissions that began before have ended.
    fileprivate func replace(_ wiring: Wiring) -> Unmanaged<Wiring> {
        unsafe current.exchange(.passRetained(wiring), ordering: .sequentiallyConsistent)
    }
}

/// The wirings of several instances, to be put in place together.
struct Rewiring {
    private var changes: [(instance: ComponentInstance, wiring: Wiring)] = []
    private var requirements: [(processor: ProcessorNode, isRequired: Bool)] = []

    mutating func add(_ instance: ComponentInstance, _ wiring: Wiring) {
        changes.append((instance, wiring))
    }

    mutating func add(_ processor: ProcessorNode, isRequired: Bool) {
        requirements.append((processor, isRequired))
    }

    func apply() -> FormerWirings {
        for (processor, isRequired) in requirements { processor.isRequired = isRequired }
        return unsafe FormerWirings(changes.map { unsafe $0.instance.wiring.replace($0.wiring) })
    }
}

/// Wirings that others took the place of, as long as somebody may be on the old ways.
@safe final class FormerWirings: @unchecked Sendable {  // immutable
    private let wirings: [Unmanaged<Wiring>]
    private let mark = weir_emission_mark()

    init(_ wirings: [Unmanaged<Wiring>]) { unsafe self.wirings = unsafe wirings }

    /// Whether nobody uses them any more.
    var areUnused: Bool { weir_emission_ended(mark) }

    /// What somebody may still use is left to them.
    deinit {
        guard areUnused else { return }
        unsafe wirings.forEach { unsafe $0.release() }
    }
}
