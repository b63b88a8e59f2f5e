/// How batches are written.
package enum FileFormat: String, Decodable, Sendable {
    /// One OTLP/JSON request on each line.
    case json
    /// One OTLP protobuf request after the other, each preceded by its length in 4 bytes, the most
    /// significant first.
    case proto
}

package struct FileSettings: Decodable, Sendable {
    package var path: String
    package var format = FileFormat.json
    package var append = false
    package var flushInterval = Duration.seconds(1)
    package var createDirectory = false
    package var directoryPermissions: String?
    /// `nil`: the file grows without end.
    package var rotation: RotationSettings?

    package init(path: String) { self.path = path }

    private enum CodingKeys: CodingKey {
        case path, format, append, flushInterval, createDirectory, directoryPermissions, rotation
    }

    package init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        path = try values.decode(String.self, forKey: .path)
        format = try values.decodeIfPresent(FileFormat.self, forKey: .format) ?? format
        append = try values.decodeIfPresent(Bool.self, forKey: .append) ?? append
        flushInterval =
            try values.decodeIfPresent(Duration.self, forKey: .flushInterval) ?? flushInterval
        createDirectory =
            try values.decodeIfPresent(Bool.self, forKey: .createDirectory) ?? createDirectory
        directoryPermissions = try values.decodeIfPresent(
            String.self, forKey: .directoryPermissions)
        rotation = try values.decodeIfPresent(RotationSettings.self, forKey: .rotation)
    }
}

package struct RotationSettings: Decodable, Sendable {
    package var maxMegabytes = 100
    package var maxAge = Duration.zero
    package var maxDays = 0
    package var maxBackups = 100
    package var localtime = false

    package init() {}

    private enum CodingKeys: CodingKey {
        case maxMegabytes, maxAge, maxDays, maxBackups, localtime
    }

    package init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        maxMegabytes = try values.decodeIfPresent(Int.self, forKey: .maxMegabytes) ?? maxMegabytes
        maxAge = try values.decodeIfPresent(Duration.self, forKey: .maxAge) ?? maxAge
        maxDays = try values.decodeIfPresent(Int.self, forKey: .maxDays) ?? maxDays
        maxBackups = try values.decodeIfPresent(Int.self, forKey: .maxBackups) ?? maxBackups
        localtime = try values.decodeIfPresent(Bool.self, forKey: .localtime) ?? localtime
    }
}
