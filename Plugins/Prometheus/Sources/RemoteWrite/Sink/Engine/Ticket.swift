import WeirSDK

/// A batch of which parts are under way, and what became of them.
struct Ticket {
    /// Why samples are not sent, in the words of the message.
    enum Reason: Int, CaseIterable {
        case late, duplicate, tooOld, noTemporality, tooWide

        var text: String {
            switch self {
            case .late: "older than what was sent of their series"
            case .duplicate: "of a time that was sent of their series already"
            case .tooOld: "older than `sample_age_limit`"
            case .noTemporality: "that Prometheus has no place for (delta or without a value)"
            case .tooWide:
                "native histograms with wider buckets than Prometheus has, or beyond its last"
            }
        }
    }

    let delivery: Delivery
    /// Data points of the batch.
    let items: Int
    /// Records that are not settled yet.
    var outstanding = 0
    /// Samples that the points gave, whatever became of them.
    var samples = 0
    /// Samples that rules dropped: nobody needs to hear of it.
    var filtered = 0
    var reasons = [Int](repeating: 0, count: Reason.allCases.count)
    /// Samples that the other side did not take.
    var rejected = 0
    var message = ""

    init(_ delivery: Delivery, items: Int) {
        self.delivery = delivery
        self.items = items
    }

    mutating func drop(_ reason: Reason, _ count: Int = 1) { reasons[reason.rawValue] += count }

    /// How the delivery ends. A point counts as rejected by the part of its samples.
    var outcome: Outcome {
        let lost = rejected + filtered + reasons.reduce(0, +)
        guard lost > 0 else { return .delivered() }
        let text = self.text
        if lost >= samples {
            return filtered == lost
                ? .delivered(rejected: items) : .refused(message: text)
        }
        let share = Int(Double(items) * Double(lost) / Double(max(samples, 1)))
        return .delivered(rejected: min(max(share, 1), items), message: text)
    }

    /// Empty if there is nothing that a person should know.
    private var text: String {
        var parts: [String] = []
        if rejected > 0 { parts.append("\(rejected) samples: \(message)") }
        for reason in Reason.allCases where reasons[reason.rawValue] > 0 {
            parts.append("\(reasons[reason.rawValue]) samples \(reason.text)")
        }
        return parts.isEmpty ? "" : "not sent or not taken: " + parts.joined(separator: "; ")
    }
}
