import Synchronization
import WeirJSON
import WeirSDK

/// What happened to one object.
enum ObjectChange: Sendable {
    case put(String, ClusterObject)
    case gone(String)
}

/// Follows one collection: all pods of a namespace, say.
///
/// `changed` gets what differs from before, one call at a time; `isWhole` once a list is complete.
final class ResourceWatch: Sendable {
    typealias Changed = @Sendable (_ changes: [ObjectChange], _ isWhole: Bool) -> Void

    struct Resource: Sendable {
        var kind: ResourceKind
        /// Empty: of the whole cluster.
        var namespace: String
        /// `labelSelector=…&fieldSelector=…`, escaped; may be empty.
        var selector: String

        /// For people: `pods in qsign`.
        var title: String { kind.rawValue + (namespace.isEmpty ? "" : " in " + namespace) }

        func path(_ query: String) -> String {
            let all = [query, selector].filter { !$0.isEmpty }.joined(separator: "&")
            return kind.path(namespace: namespace) + "?" + all
        }
    }

    private struct State {
        var machine = WatchState()
        /// Versions of the objects that are there.
        var known: [String: String] = [:]
        /// Of the pages of a list so far.
        var listed: [VersionedObject] = []
        var lines = LineBuffer()
        var watchBegan: UInt64 = 0
        /// Counts watches.
        var watch = 0
        var sawAny = false
        /// Why the watch was broken off from this side.
        var broken: WatchState.Ending?
        var call: ClientCall?
        var timer: Timer?
        var hasEnded = false
    }

    private static let pageSize = 500
    private static let maxPage = 512 << 20
    private static let requestTimeout = Duration.seconds(60)

    private let resource: Resource
    private let client: Client
    private let host: Host
    private let health: DiscoveryHealth
    private let changed: Changed
    private let state = Mutex(State())

    init(
        _ resource: Resource, _ client: Client, host: Host, _ health: DiscoveryHealth,
        _ changed: @escaping Changed
    ) {
        self.resource = resource
        self.client = client
        self.host = host
        self.health = health
        self.changed = changed
    }

    func start() { perform(state.withLock { $0.machine.resume() }) }

    func stop() {
        let (call, timer) = state.withLock { state in
            state.hasEnded = true
            defer { (state.call, state.timer) = (nil, nil) }
            return (state.call, state.timer)
        }
        timer?.cancel()
        call?.cancel()
    }

    private func perform(_ action: WatchState.Action) {
        if state.withLock({ $0.hasEnded }) { return }
        switch action {
        case .list(let next): list(next)
        case .watch(let version): watch(version)
        case .wait(let delay):
            let timer = host.timers?.after(delay) { [weak self] in
                guard let self else { return }
                self.perform(self.state.withLock { $0.machine.resume() })
            }
            state.withLock { $0.timer = $0.hasEnded ? nil : timer }
        }
    }

    // MARK: List

    private func list(_ next: String) {
        if next.isEmpty { state.withLock { $0.listed = [] } }
        var query = "limit=\(ResourceWatch.pageSize)"
        if !next.isEmpty { query += "&continue=" + PercentEncoding.encode(next) }
        do throws(ComponentError) {
            try client.send(
                "GET", resource.path(query), headers: [Header("accept", "application/json")],
                .none, deadline: host.deadline(in: ResourceWatch.requestTimeout),
                maxBody: ResourceWatch.maxPage, acceptsCompressed: true
            ) { [weak self] reply in
                self?.listed(reply)
            }
        } catch {
            listFailed(.failed, error.message)
        }
    }

    private func listed(_ reply: borrowing Reply) {
        if let failure = reply.failure {
            return listFailed(.failed, failure.kind == .cancelled ? nil : failure.message)
        }
        guard reply.code == 200 else {
            return listFailed(
                reply.code == 410 ? .expired : .failed, refusal(reply.code, reply.body))
        }
        let page: ResourcePage
        do throws(JSONError) {
            page = try ResourcePage(resource.kind, reply.body)
        } catch {
            return listFailed(.failed, "the answer is no list: \(error)")
        }
        let (action, changes) = state.withLock { state in
            state.listed += page.objects
            let changes = page.next.isEmpty ? ResourceWatch.replace(&state) : nil
            return (state.machine.listed(version: page.version, next: page.next), changes)
        }
        if let changes {
            health.worked(resource.title)
            changed(changes, true)
        }
        perform(action)
    }

    private func listFailed(_ ending: WatchState.Ending, _ message: String?) {
        if let message {
            health.failed("listing \(resource.title): \(message)", of: resource.title)
        }
        perform(
            state.withLock { state in
                state.listed = []
                return state.machine.listEnded(ending, random: .random(in: 0...1))
            })
    }

    /// What a complete list changes.
    private static func replace(_ state: inout State) -> [ObjectChange] {
        var changes: [ObjectChange] = []
        var known: [String: String] = [:]
        known.reserveCapacity(state.listed.count)
        for found in state.listed {
            let key = found.object.meta.key
            known[key] = found.version
            if state.known[key] != found.version { changes.append(.put(key, found.object)) }
        }
        for key in state.known.keys where known[key] == nil { changes.append(.gone(key)) }
        state.known = known
        state.listed = []
        return changes
    }

    // MARK: Watch

    private func watch(_ version: String) {
        // Spread, so that a server that was restarted is not asked by all at once.
        let seconds = Int.random(in: 300...600)
        let query =
            "watch=1&allowWatchBookmarks=true&timeoutSeconds=\(seconds)&resourceVersion="
            + PercentEncoding.encode(version)
        let now = host.monotonic
        let number = state.withLock { state in
            (state.lines, state.sawAny, state.broken) = (LineBuffer(), false, nil)
            state.watchBegan = now
            state.watch += 1
            return state.watch
        }
        do throws(ComponentError) {
            let call = try client.send(
                "GET", resource.path(query), headers: [Header("accept", "application/json")],
                .none, deadline: host.deadline(in: .seconds(seconds + 30)),
                onChunk: { [weak self] in self?.read($0) }
            ) { [weak self] reply in
                self?.watchEnded(reply)
            }
            let isLate = state.withLock { state in
                // It may have come to its end already, and another one begun.
                guard state.watch == number else { return false }
                if !state.hasEnded { state.call = call }
                return state.hasEnded || state.broken != nil
            }
            if isLate { call.cancel() }
        } catch {
            watchEnded(.failed, error.message)
        }
    }

    private func read(_ piece: RawSpan) {
        let (changes, call) = state.withLock { state -> ([ObjectChange], ClientCall?) in
            guard state.broken == nil, !state.hasEnded else { return ([], nil) }
            var changes: [ObjectChange] = []
            var lines = LineBuffer()
            swap(&lines, &state.lines)
            let fits = lines.take(piece) { take($0, &state, &changes) }
            swap(&lines, &state.lines)
            if !fits { state.broken = .failed }
            return (changes, state.broken == nil ? nil : state.call)
        }
        if state.withLock({ $0.sawAny }) { health.worked(resource.title) }
        if !changes.isEmpty { changed(changes, false) }
        call?.cancel()
    }

    private func take(_ line: RawSpan, _ state: inout State, _ changes: inout [ObjectChange]) {
        guard state.broken == nil else { return }
        guard let event = try? WatchEvent(resource.kind, line) else {
            // Nothing after it can be trusted to be whole; the next watch begins before it.
            state.broken = .failed
            return
        }
        state.sawAny = true
        switch event {
        case .put(let found):
            let key = found.object.meta.key
            state.machine.saw(version: found.version)
            if state.known.updateValue(found.version, forKey: key) != found.version {
                changes.append(.put(key, found.object))
            }
        case .deleted(let found):
            let key = found.object.meta.key
            state.machine.saw(version: found.version)
            if state.known.removeValue(forKey: key) != nil { changes.append(.gone(key)) }
        case .bookmark(let version): state.machine.saw(version: version)
        case .error(let status): state.broken = status.code == 410 ? .expired : .failed
        case .unknown: break
        }
    }

    private func watchEnded(_ reply: borrowing Reply) {
        if let broken = state.withLock({ $0.broken }) {
            let message = broken == .expired ? nil : "the watch was broken off"
            return watchEnded(broken, message)
        }
        if let failure = reply.failure {
            // A server that is silent beyond its own time limit is not to blame.
            if failure.kind == .timeout { return watchEnded(.finished, nil) }
            return watchEnded(.failed, failure.kind == .cancelled ? nil : failure.message)
        }
        switch reply.code {
        case 200: watchEnded(.finished, nil)
        case 410: watchEnded(.expired, nil)
        default: watchEnded(.failed, refusal(reply.code, reply.body))
        }
    }

    private func watchEnded(_ ending: WatchState.Ending, _ message: String?) {
        if let message {
            health.failed("watching \(resource.title): \(message)", of: resource.title)
        } else if ending == .finished {
            health.worked(resource.title)
        }
        let now = host.monotonic
        perform(
            state.withLock { state in
                state.call = nil
                state.watch += 1
                return state.machine.watchEnded(
                    ending, after: .init(nanosecondCount: now &- state.watchBegan),
                    sawAny: state.sawAny, random: .random(in: 0...1))
            })
    }

    private func refusal(_ code: UInt32, _ body: RawSpan) -> String {
        let message = APIStatus.message(in: body)
        return "the API server answered with status \(code)"
            + (message.isEmpty ? "" : ": \(message)")
    }
}
