import Synchronization
import WeirJSON
import WeirPrometheus
import WeirSDK

/// `file_sd_configs`: groups of targets in files that something else writes.
///
/// Files are looked at every few seconds and read when they have changed, and in any case at each
/// refresh interval. A file that cannot be read, or is half-written, keeps its groups; a file that
/// is gone takes them along.
final class FileDiscoverer: Discoverer {
    private struct Known {
        /// Of the last attempt to read it, whether that worked or not.
        var stamp: TargetFile.Stamp
        var groups = 0
        var error: String?
    }

    private struct State {
        var files: [String: Known] = [:]
        var refreshed: UInt64 = 0
    }

    private static let pollInterval = Duration.seconds(5)

    private let config: FileSDConfig
    private let host: Host
    private let health: DiscoveryHealth
    private let loop: RefreshLoop
    private let state = Mutex(State())

    init(_ config: FileSDConfig, host: Host, _ health: DiscoveryHealth) {
        self.config = config
        self.host = host
        self.health = health
        loop = RefreshLoop(
            host, every: min(config.refreshInterval.duration, FileDiscoverer.pollInterval))
    }

    func start(_ update: @escaping @Sendable ([TargetGroup]) -> Void) {
        loop.start { [weak self] done in
            if let self {
                let groups = self.look()
                if !self.loop.hasEnded { update(groups) }
            }
            done()
        }
    }

    func stop() { loop.stop() }

    private func look() -> [TargetGroup] {
        let now = host.monotonic
        let interval = config.refreshInterval.duration.clampedNanoseconds
        return state.withLock { state in
            let isRefresh = state.refreshed == 0 || now >= state.refreshed + interval
            if isRefresh { state.refreshed = max(1, now) }
            var result: [TargetGroup] = []
            var found: Set<String> = []
            var hasRead = false
            let matches = config.files.map { ($0, TargetFile.matching($0)) }
            noteEmpty(matches.filter { $0.1.isEmpty }.map(\.0))
            for path in matches.flatMap(\.1) {
                guard found.insert(path).inserted, let stamp = TargetFile.Stamp(path) else {
                    continue
                }
                let known = state.files[path]
                if !isRefresh, known?.stamp == stamp { continue }
                hasRead = true
                result += read(path, stamp, known, &state.files)
            }
            for (path, known) in state.files where !found.contains(path) {
                result += removed(path, 0..<known.groups)
                state.files[path] = nil
                hasRead = true
            }
            if hasRead { report(state.files) }
            return result
        }
    }

    /// A pattern that matches nothing may be meant to, for now, or be a slip.
    private func noteEmpty(_ patterns: [String]) {
        guard !patterns.isEmpty else { return health.remark("") }
        let list = patterns.map { "\"\($0)\"" }.joined(separator: " or ")
        let isRelative = patterns.contains { !$0.hasPrefix("/") }
        health.remark(
            "no file matches \(list)"
                + (isRelative ? ", seen from the working directory \(TargetFile.folder)" : "")
                + "; files that appear there are read")
    }

    private func read(
        _ path: String, _ stamp: TargetFile.Stamp, _ known: Known?,
        _ files: inout [String: Known]
    ) -> [TargetGroup] {
        let before = known?.groups ?? 0
        do throws(ComponentError) {
            let groups = try groups(path)
            files[path] = Known(stamp: stamp, groups: groups.count)
            return groups + removed(path, groups.count..<max(before, groups.count))
        } catch {
            files[path] = Known(stamp: stamp, groups: before, error: error.message)
            return []
        }
    }

    private func groups(_ path: String) throws(ComponentError) -> [TargetGroup] {
        let text = try TargetFile.read(path)
        do throws(ComponentError) {
            let list = try TargetList.read(try document(text, path))
            return list.enumerated().map { index, group in
                group.group(
                    source: "\(path):\(index)", adding: Label("__meta_filepath", path))
            }
        } catch {
            throw .invalid("\(path): \(error.message)")
        }
    }

    private func document(_ text: [UInt8], _ path: String) throws(ComponentError) -> JSONValue {
        var json = text
        if !path.lowercased().hasSuffix(".json") {
            guard let documents = host.documents else {
                throw .unsupported("this host reads no YAML, write the file as JSON")
            }
            json = try documents.json(text)
        }
        do throws(JSONError) {
            return try JSONValue(parsing: json)
        } catch {
            throw .invalid("\(error)")
        }
    }

    private func removed(_ path: String, _ indices: Range<Int>) -> [TargetGroup] {
        indices.map { TargetGroup(source: "\(path):\($0)") }
    }

    private func report(_ files: [String: Known]) {
        let errors = files.values.compactMap(\.error).sorted()
        if errors.isEmpty {
            health.worked()
        } else {
            health.failed(errors.joined(separator: "; "))
        }
    }
}
