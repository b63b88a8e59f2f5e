import WeirJSON

/// One line of a watch: `{"type": "ADDED", "object": {...}}`.
enum WatchEvent: Sendable {
    case put(VersionedObject)
    case deleted(VersionedObject)
    /// Nothing changed up to this version.
    case bookmark(String)
    case error(APIStatus)
    /// A type that this version of Weir does not know.
    case unknown

    init(_ kind: ResourceKind, _ line: RawSpan) throws(JSONError) {
        // The type may stand behind the object, whose reading depends on it.
        var type = ""
        var place: Range<Int>?
        var reader = JSONReader(line)
        try reader.beginObject()
        while let key = try reader.nextKey() {
            switch key.string {
            case "type": type = try reader.text()
            case "object":
                _ = try reader.peek()
                let start = reader.offset
                try reader.skipValue()
                place = start..<reader.offset
            default: try reader.skipValue()
            }
        }
        try reader.finish()
        guard let place else {
            self = .unknown
            return
        }
        var object = JSONReader(line.extracting(place))
        switch type {
        case "ADDED", "MODIFIED", "DELETED":
            var version = ""
            let found = try ClusterObject(kind, &object, version: &version)
            let versioned = VersionedObject(version: version, object: found)
            self = type == "DELETED" ? .deleted(versioned) : .put(versioned)
        case "BOOKMARK":
            var version = ""
            _ = try ClusterObject(.namespaces, &object, version: &version)
            self = .bookmark(version)
        case "ERROR": self = .error(try APIStatus(&object))
        default: self = .unknown
        }
    }
}

/// Cuts the body of a watch into lines.
struct LineBuffer {
    /// An object is at most 1.5 MiB in etcd, and larger as JSON.
    static let limit = 64 << 20

    private var rest: [UInt8] = []

    /// Takes a piece and hands out the lines that it completes. False: a line is too long.
    mutating func take(_ piece: RawSpan, _ line: (RawSpan) -> Void) -> Bool {
        var start = 0
        for index in 0..<piece.byteCount {
            let byte = unsafe piece.unsafeLoad(fromUncheckedByteOffset: index, as: UInt8.self)
            guard byte == UInt8(ascii: "\n") else { continue }
            append(piece.extracting(start..<index))
            start = index + 1
            if !rest.isEmpty { unsafe line(rest.span.bytes) }
            rest.removeAll(keepingCapacity: rest.count < 1 << 16)
        }
        append(piece.extracting(start..<piece.byteCount))
        return rest.count <= LineBuffer.limit
    }

    private mutating func append(_ piece: RawSpan) {
        unsafe piece.withUnsafeBytes { unsafe rest.append(contentsOf: $0) }
    }
}
