import Synchronization
import WeirSDK

/// Asks how full file systems are, on a thread of its own: a server that is gone holds up that
/// thread, and not the exporter. A path on which a thread hangs is not asked again until that thread
/// has come back.
final class MountAsker: Sendable {
    /// How a file system is asked; tests have another way.
    typealias Ask = @Sendable (String) -> FilesystemRoom?

    private let patience: Duration
    private let ask: Ask
    /// Paths on which threads hang.
    private let hanging = Mutex<Set<String>>([])

    /// - Parameter patience: how long one path may take.
    init(patience: Duration, _ ask: @escaping Ask = { FilesystemRoom(at: $0) }) {
        self.patience = patience
        self.ask = ask
    }

    var hangingCount: Int { hanging.withLock { $0.count } }

    /// An answer for each path; `nil` where there is none, or none in time. Returns when `limit` is
    /// over at the latest.
    func ask(_ paths: [String], limit: Duration?) -> [FilesystemRoom?] {
        let stuck = hanging.withLock { $0 }
        let open = paths.indices.filter { !stuck.contains(paths[$0]) }
        guard !open.isEmpty else { return Array(repeating: nil, count: paths.count) }
        let round = MountRound(open.map { paths[$0] })
        let clock = ContinuousClock()
        let end = limit.map { clock.now + $0 }
        start(round)
        while !round.isDone {
            let before = round.position
            let wait = end.map { min(patience, max(.zero, $0 - clock.now)) } ?? patience
            if round.waits(wait) || round.position != before { continue }
            guard let path = round.giveUp(before) else { continue }
            _ = hanging.withLock { $0.insert(path) }
            if let end, clock.now >= end { break }
            if !round.isDone { start(round) }
        }
        var answers = [FilesystemRoom?](repeating: nil, count: paths.count)
        for (index, answer) in zip(open, round.end()) { answers[index] = answer }
        return answers
    }

    private func start(_ round: MountRound) {
        let number = round.position.thread
        let isStarted = Threads.detach { [self] in
            while let path = round.next(number) {
                let answer = ask(path)
                guard round.settle(number, answer) else {
                    hanging.withLock { _ = $0.remove(path) }
                    return
                }
            }
        }
        if !isStarted { _ = round.end() }
    }
}
