import WeirTelemetry

/// `include` and `exclude` of one processor: what is included and not excluded is edited.
struct RecordFilter: Sendable {
    let include: MatchSettings?
    let exclude: MatchSettings?

    /// What the editor asks on its way down; `nil` where everything is edited.
    func selection(in signal: Signal) -> AttributeEditor.Selection? {
        if include == nil, exclude == nil { return nil }
        let include = include.map { Matcher(match: $0, signal: signal) }
        let exclude = exclude.map { Matcher(match: $0, signal: signal) }
        let recordDepth = signal == .metrics ? 4 : 2
        return { depth, number, message, outer in
            var state = depth == 0 ? State(mayExclude: exclude != nil) : State(packed: outer)
            switch depth {
            case 0:
                if let include, !include.matchesResource(message) { return nil }
                if let exclude, !exclude.matchesResource(message) { state.mayExclude = false }
            case 2:
                if let include, !include.matchesName(message) { return nil }
                if state.mayExclude, let exclude, !exclude.matchesName(message) {
                    state.mayExclude = false
                }
            case 3: state.data = number
            default: break
            }
            if depth == recordDepth {
                if let include, !include.matchesAttributes(message, data: state.data) {
                    return nil
                }
                if state.mayExclude, let exclude,
                    exclude.matchesAttributes(message, data: state.data)
                {
                    return nil
                }
            }
            return state.packed
        }
    }

    /// What is known on the way down.
    private struct State {
        /// All that `exclude` asks held so far.
        var mayExclude: Bool
        /// The field of a metric's data, which says what its points are.
        var data = 0

        init(mayExclude: Bool) { self.mayExclude = mayExclude }

        init(packed: Int) {
            mayExclude = packed & 1 == 1
            data = packed >> 1
        }

        var packed: Int { data << 1 | (mayExclude ? 1 : 0) }
    }
}
