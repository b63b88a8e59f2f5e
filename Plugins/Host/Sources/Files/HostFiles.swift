/// Where the files are that describe the machine: its own, or those of the host that a container
/// was given under a prefix.
final class HostFiles {
    /// The prefix of the machine's own file system; empty where there is none.
    let root: String
    private let proc: String
    private let sys: String
    let udev: String
    let reader = FileReader()
    /// Until the deadline of the collection; `nil`: no deadline.
    var timeLeft: Duration?
    /// Network statistics of the machine, and not of the container that this runs in: those of
    /// process 1, where proc is under a prefix.
    private let net: String

    init(_ settings: HostExporterSettings) {
        root = HostFiles.withoutSlash(settings.rootPath)
        proc = settings.procPath.map(HostFiles.withoutSlash) ?? root + "/proc"
        sys = settings.sysPath.map(HostFiles.withoutSlash) ?? root + "/sys"
        udev = settings.udevPath.map(HostFiles.withoutSlash) ?? root + "/run/udev/data"
        let ofFirst = proc + "/1/net"
        net =
            proc != "/proc" && (try? reader.read(ofFirst + "/dev")) != nil ? ofFirst : proc + "/net"
    }

    func procPath(_ path: String) -> String { "\(proc)/\(path)" }
    func sysPath(_ path: String) -> String { "\(sys)/\(path)" }

    func proc(_ path: String) throws(CollectorFailure) -> Text { try reader.read(procPath(path)) }
    func sys(_ path: String) throws(CollectorFailure) -> Text { try reader.read(sysPath(path)) }
    /// A file of /proc/net.
    func net(_ path: String) throws(CollectorFailure) -> Text { try reader.read("\(net)/\(path)") }
    func sysFolder(_ path: String) throws(CollectorFailure) -> Folder {
        try Folder(sysPath(path), reader)
    }

    private static func withoutSlash(_ path: String) -> String {
        var path = path[...]
        while path.last == "/" { path.removeLast() }
        return String(path)
    }
}
