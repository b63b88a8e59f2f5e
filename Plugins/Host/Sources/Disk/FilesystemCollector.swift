import WeirSDK

/// Room in each file system that is mounted.
struct FilesystemCollector: Collector {
    let name = "filesystem"
    private var points: NameFilter
    private var types: NameFilter
    private let asker: MountAsker

    init(_ settings: HostExporterSettings, _ asker: MountAsker, _ host: Host)
        throws(ComponentError)
    {
        let filesystem = settings.filesystem
        points = try NameFilter(
            filesystem.mountPointsExclude, excludes: true, "filesystem.mount_points_exclude", host)
        types = try NameFilter(
            filesystem.fsTypesExclude, excludes: true, "filesystem.fs_types_exclude", host)
        self.asker = asker
    }

    mutating func collect(_ files: HostFiles, into metrics: inout Metrics)
        throws(CollectorFailure)
    {
        let mounts = try wanted(files)
        let answers = asker.ask(mounts.map { files.root + $0.point }, limit: files.timeLeft)
        for (mount, answer) in zip(mounts, answers) {
            let labels: Attributes = [
                "device": .string(mount.device), "mountpoint": .string(mount.point),
                "fstype": .string(mount.type),
            ]
            metrics.gauge(
                "node_filesystem_device_error",
                help: "1: the file system did not say how full it is, or not in time.",
                answer == nil ? 1 : 0, labels)
            metrics.gauge(
                "node_filesystem_readonly", help: "1: the file system is read-only.",
                mount.isReadOnly ? 1 : 0, labels)
            guard let room = answer else { continue }
            metrics.gauge(
                "node_filesystem_size_bytes", help: "Size of the file system.", room.size, labels)
            metrics.gauge(
                "node_filesystem_free_bytes", help: "Free bytes.", room.free, labels)
            metrics.gauge(
                "node_filesystem_avail_bytes", help: "Free bytes for users other than root.",
                room.available, labels)
            metrics.gauge(
                "node_filesystem_files", help: "Files that the file system can have.", room.files,
                labels)
            metrics.gauge(
                "node_filesystem_files_free", help: "Files that can still be made.",
                room.filesFree, labels)
        }
    }

    /// Mounts that are not excluded, each once.
    private mutating func wanted(_ files: HostFiles) throws(CollectorFailure) -> [Mount] {
        // Those of process 1 are the machine's, also where this runs in a mount namespace.
        var text: Text
        if let first = try? files.proc("1/mounts") {
            text = first
        } else {
            text = try files.proc("self/mounts")
        }
        var mounts: [Mount] = []
        var seen: Set<[String]> = []
        while let line = text.nextLine() {
            guard var mount = Mount(line) else { continue }
            if !files.root.isEmpty, mount.point == files.root {
                mount.point = "/"
            } else if !files.root.isEmpty, mount.point.hasPrefix(files.root + "/") {
                mount.point = String(mount.point.dropFirst(files.root.count))
            }
            guard points.lets(mount.point), types.lets(mount.type),
                seen.insert([mount.device, mount.point, mount.type]).inserted
            else { continue }
            mounts.append(mount)
        }
        return mounts
    }
}
