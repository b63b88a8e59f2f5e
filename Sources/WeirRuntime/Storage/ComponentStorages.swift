import Logging
import Synchronization
import WeirStorage

/// What components keep (weir/ext/storage.h): one store for each extension `file_storage`, opened
/// when somebody first needs it.
final class ComponentStorages: Sendable {
    private struct State {
        var folders: [String: FileStorage] = [:]
        var open: [String: KeyValueStore] = [:]
        var logger: Logger?
    }

    private let state = Mutex(State())

    func add(_ folders: some Sequence<FileStorage>, logger: Logger) {
        state.withLock { state in
            state.logger = logger
            for folder in folders { state.folders[folder.id] = folder }
        }
    }

    /// Whether there is any.
    var isAvailable: Bool { state.withLock { !$0.folders.isEmpty } }

    /// The store of an extension; without a name, of the first by name. May block.
    func store(_ id: String? = nil) throws(StorageError) -> KeyValueStore {
        let result = state.withLock { state -> Result<KeyValueStore, StorageError> in
            guard let name = id ?? state.folders.keys.min(), let folder = state.folders[name] else {
                return .failure(
                    StorageError(
                        .missing,
                        "there is no extension \(id ?? FileStorage.type): add one to "
                            + "service.extensions"))
            }
            if let open = state.open[name] { return .success(open) }
            let logger = state.logger
            do throws(StorageError) {
                let store = try KeyValueStore(
                    directory: "\(folder.directory)/checkpoints", syncs: folder.syncs,
                    lockWaitNano: folder.timeoutNano
                ) { event in
                    logger?.error("\(event.text)")
                }
                state.open[name] = store
                return .success(store)
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    func close() {
        let open = state.withLock { state in
            defer { (state.open, state.folders) = ([:], [:]) }
            return state.open.values
        }
        for store in open { store.close() }
    }
}
