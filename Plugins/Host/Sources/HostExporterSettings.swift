package struct HostExporterSettings: Decodable, Sendable {
    package var rootPath = "/"
    package var procPath: String?
    package var sysPath: String?
    package var udevPath: String?
    package var collectors: [String] = []
    package var excludeCollectors: [String] = []
    package var filesystem: FilesystemSettings
    package var diskstats: DeviceSettings
    package var netdev: DeviceSettings
    package var netclass: NetclassSettings
    package var netstat: FieldSettings
    package var vmstat: FieldSettings
    package var textfile: TextfileSettings
}

package struct FilesystemSettings: Decodable, Sendable {
    package var mountPointsExclude: String
    package var fsTypesExclude: String
    package var mountTimeout: Duration
}

package struct DeviceSettings: Decodable, Sendable {
    package var deviceExclude: String
}

package struct NetclassSettings: Decodable, Sendable {
    package var ignoredDevices: String
    package var ignoreInvalidSpeed: Bool
}

package struct FieldSettings: Decodable, Sendable {
    package var fields: String
}

package struct TextfileSettings: Decodable, Sendable {
    package var directory: String
}
