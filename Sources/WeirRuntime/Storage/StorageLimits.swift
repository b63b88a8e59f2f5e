import WeirJSON

/// What of a sending queue is on disk, and how much: `sending_queue` with `storage`.
package struct StorageLimits: Sendable, Equatable {
    /// The extension.
    package var storage: FileStorage
    /// Of the queue's folder.
    package var maxDiskBytes: Int
    /// What waits longer is dropped; 0: never.
    package var maxAgeNano: UInt64
    /// Bodies that are also kept in memory.
    package var cacheBytes: Int
    /// Only what memory has no room for goes to the disk.
    package var spills: Bool

    package init(
        storage: FileStorage, maxDiskBytes: Int = 10 << 30, maxAgeNano: UInt64 = 0,
        cacheBytes: Int = 64 << 20, spills: Bool = false
    ) {
        self.storage = storage
        self.maxDiskBytes = maxDiskBytes
        self.maxAgeNano = maxAgeNano
        self.cacheBytes = cacheBytes
        self.spills = spills
    }

    /// From "weir:sending_queue", validated and with its defaults; `nil`: it has no storage.
    init?(_ settings: JSONValue?, _ storages: [String: FileStorage]) {
        guard let storage = settings?["storage"]?.stringValue.flatMap({ storages[$0] }),
            settings?["enabled"]?.boolValue != false
        else { return nil }
        self.init(storage: storage)
        maxDiskBytes = settings?["max_disk_bytes"]?.integerValue.map { Int($0) } ?? maxDiskBytes
        maxAgeNano =
            settings?["max_age"]?.integerValue.map { UInt64(clamping: $0) } ?? maxAgeNano
        cacheBytes = settings?["max_bytes"]?.integerValue.map { Int($0) } ?? cacheBytes
        spills = settings?["overflow"]?.stringValue == "spill"
    }
}
