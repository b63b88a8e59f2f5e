import WeirConfig
import WeirTelemetry

/// What became of every item: accepted = delivered + dropped + still held, line by line.
package struct Ledger: Sendable, Equatable {
    package struct Line: Sendable, Equatable {
        package let component: String
        package let signal: Signal
        /// "accepted", "delivered", "dropped", "queued", "persisted" or "held".
        package let what: String
        /// Of what was dropped.
        package let reason: String
        package let items: Int
        /// Whether these items are gone against the user's wish.
        package let isLost: Bool
    }

    /// Batches of a queue on disk that were not what had been stored; what they held is not known.
    package struct Damage: Sendable, Equatable {
        package let component: String
        package let batches: Int
    }

    /// What was dropped as refused and is written down, to be looked at and sent again.
    package struct Kept: Sendable, Equatable {
        package let component: String
        package let signal: Signal
        package let items: Int
        /// `nil`: the sink is gone, and its settings with it.
        package let path: String?
    }

    package private(set) var lines: [Line] = []
    package private(set) var kept: [Kept] = []
    package private(set) var damage: [Damage] = []

    package var lost: Int { lines.filter(\.isLost).reduce(0) { $0 + $1.items } }

    /// Of what is lost, what lies in dead-letter files. It was not delivered, and somebody has to see
    /// to it: that is why it is lost all the same.
    package var inDeadLetters: Int { kept.reduce(0) { $0 + $1.items } }

    /// Whether anything is gone against the user's wish.
    package var hasLosses: Bool { lost > 0 || !damage.isEmpty }

    /// Reasons for which a processor drops what it was told to drop.
    private static let intended: Set<String> = ["filtered", "sampled", "duplicate"]

    package init(_ runtime: Runtime) {
        for book in runtime.books.all {
            for signal in Signal.allCases { add(book, signal) }
        }
        let sinks = runtime.allSinks
        for book in runtime.books.all {
            let path = sinks.first { $0.instance.key == book.key }?.target.deadLetters?.path
            for signal in Signal.allCases where book.counters.kept[signal] > 0 {
                kept.append(
                    Kept(
                        component: book.key, signal: signal, items: book.counters.kept[signal],
                        path: path))
            }
        }
        for sink in sinks {
            for signal in Signal.allCases {
                // What is on disk is there at the next start.
                add(
                    sink.instance.key, signal, sink.isDurable ? "persisted" : "queued",
                    sink.load(signal).items, isLost: !sink.isDurable)
            }
            let damaged = sink.damagedBatches
            if damaged > 0 {
                damage.append(Damage(component: sink.instance.key, batches: damaged))
            }
        }
    }

    private mutating func add(_ book: NodeBooks.Book, _ signal: Signal) {
        let (key, counters) = (book.key, book.counters)
        switch book.kind {
        case .receiver:
            add(key, signal, "accepted", counters.accepted[signal])
        case .exporter:
            add(key, signal, "accepted", counters.accepted[signal])
            // Nobody sends again what was collected.
            add(key, signal, "dropped", counters.refused)
        case .sink:
            add(key, signal, "delivered", counters.sent[signal])
        case .processor:
            let held =
                counters.accepted[signal] - counters.emitted[signal]
                - counters.dropped.total(signal)
            add(key, signal, "held", max(held, 0), isLost: true)
        case .connector, .extension: break
        }
        add(key, signal, "dropped", counters.dropped)
    }

    private mutating func add(
        _ component: String, _ signal: Signal, _ what: String, _ counter: ReasonCounter
    ) {
        for (key, items) in counter.all.sorted(by: { $0.key.reason < $1.key.reason })
        where key.signal == signal {
            add(
                component, signal, what, items, reason: key.reason,
                isLost: !Self.intended.contains(key.reason))
        }
    }

    private mutating func add(
        _ component: String, _ signal: Signal, _ what: String, _ items: Int,
        reason: String = "", isLost: Bool = false
    ) {
        guard items > 0 else { return }
        lines.append(
            Line(
                component: component, signal: signal, what: what, reason: reason, items: items,
                isLost: isLost))
    }
}
