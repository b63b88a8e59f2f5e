import Glibc
import WeirSDK

/// A file that is put aside when it is too big or too old, and its backups.
package struct RotatingFile {
    private let settings: FileSettings
    private let backups: BackupName
    private let permissions: mode_t
    private var file: OutputFile?
    /// When the file began, and when it was last flushed: nanoseconds since 1970.
    private var began: UInt64 = 0
    private var synced: UInt64 = 0
    private var isDirty = false
    /// How often a file was put aside.
    package private(set) var rotations = 0
    /// The last line is not whole, so a new one must begin.
    private var needsNewLine = false

    package init(_ settings: FileSettings) throws(FileError) {
        self.settings = settings
        guard !settings.path.isEmpty else {
            throw FileError("path is empty; expected the path of a file")
        }
        backups = BackupName(path: settings.path, isLocal: settings.rotation?.localtime ?? false)
        if settings.directoryPermissions != nil && !settings.createDirectory {
            throw FileError("directory_permissions without create_directory; set it to true")
        }
        let text = settings.directoryPermissions ?? "0755"
        guard let permissions = mode_t(text, radix: 8), permissions <= 0o777 else {
            throw FileError(
                "directory_permissions is '\(text)'; expected an octal number such as \"0755\"")
        }
        self.permissions = permissions
    }

    /// Opens the file for the first time.
    package mutating func start(now: UInt64) throws(FileError) {
        if settings.createDirectory {
            try Directory.make(backups.directory, permissions: permissions)
        }
        let empties = !settings.append && settings.rotation == nil
        try open(now, truncating: empties && OpenedFiles.isFirst(settings.path))
        if settings.rotation != nil, let file, !file.isRegular {
            close()
            throw FileError("'\(settings.path)' is not a regular file; leave out rotation")
        }
    }

    private mutating func open(_ now: UInt64, truncating: Bool) throws(FileError) {
        let opened = try OutputFile(path: settings.path, truncating: truncating)
        let (size, modified, _) = try opened.inspect()
        file = opened
        synced = now
        // Of a file from an earlier run only the last write is known.
        began = opened.isRegular && size > 0 ? min(now, modified) : now
        needsNewLine = settings.format == .json && size > 0 && opened.endsInsideLine()
    }

    /// Appends a record, in a new file if it is time for one. When this throws, nothing of the
    /// record is there, or, where that is impossible (a pipe), its rest follows first.
    package mutating func append(_ record: Record, now: UInt64) throws(FileError) {
        try prepare(for: record.count, now)
        var record = record
        if needsNewLine { record.head.insert(UInt8(ascii: "\n"), at: 0) }
        // Never nil after prepare().
        try file?.append(record)
        needsNewLine = false
        isDirty = true
        let interval = settings.flushInterval.clampedNanoseconds
        if now &- min(now, synced) >= interval { try sync(now) }
    }

    private mutating func prepare(for count: Int, _ now: UInt64) throws(FileError) {
        guard let current = file else { return try open(now, truncating: false) }
        guard current.isRegular else { return }
        let (size, _, isLinked) = try current.inspect()
        if !isLinked {
            // Someone removed it; what is written there would be lost.
            close()
            return try open(now, truncating: false)
        }
        guard let rotation = settings.rotation else { return }
        if size == 0 {
            began = now
            return
        }
        let megabytes = rotation.maxMegabytes > 0 ? rotation.maxMegabytes : 100
        let age = rotation.maxAge.clampedNanoseconds
        let isTooBig = size + count > megabytes << 20
        let isTooOld = age > 0 && now >= began &+ age
        if isTooBig || isTooOld { try rotate(now, rotation) }
    }

    private mutating func rotate(_ now: UInt64, _ rotation: RotationSettings) throws(FileError) {
        try sync(now)
        var moment = now
        while Directory.exists(backups.directory + backups.name(at: moment)) {
            moment += 1_000_000
        }
        try Directory.rename(
            settings.path, to: backups.directory + backups.name(at: moment))
        rotations += 1
        close()
        try open(now, truncating: false)
    }

    /// Removes the backups that are too many or too old; says what could not be removed.
    package func prune(now: UInt64) throws(FileError) {
        guard let rotation = settings.rotation, rotation.maxBackups > 0 || rotation.maxDays > 0
        else { return }
        let old = try Directory.names(in: backups.directory).compactMap { name in
            backups.moment(of: name).map { (name, moment: $0) }
        }.sorted { $0.moment > $1.moment }
        let day: UInt64 = 86_400_000_000_000
        let age = UInt64(max(0, rotation.maxDays)).multipliedReportingOverflow(by: day)
        for (index, (name, moment)) in old.enumerated() {
            let isBeyond = rotation.maxBackups > 0 && index >= rotation.maxBackups
            let isTooOld =
                rotation.maxDays > 0 && !age.overflow && moment &+ age.partialValue < now
            if isBeyond || isTooOld { try Directory.remove(backups.directory + name) }
        }
    }

    /// Forces what was written to stable storage.
    package mutating func sync(_ now: UInt64) throws(FileError) {
        guard isDirty, let file else { return }
        try file.sync()
        isDirty = false
        synced = now
    }

    /// Finishes, flushes and closes.
    package mutating func stop(now: UInt64) throws(FileError) {
        defer { close() }
        try file?.finish()
        try sync(now)
    }

    private mutating func close() {
        file?.close()
        file = nil
    }
}
