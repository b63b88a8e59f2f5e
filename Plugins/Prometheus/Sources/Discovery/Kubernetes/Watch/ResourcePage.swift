import WeirJSON

/// One object of a list or an event, with its version.
struct VersionedObject: Sendable {
    var version: String
    var object: ClusterObject
}

/// One page of a list: `{"metadata": {...}, "items": [...]}`.
struct ResourcePage: Sendable {
    var version = ""
    /// Where the next page begins; empty: this is the last.
    var next = ""
    var objects: [VersionedObject] = []

    init(_ kind: ResourceKind, _ bytes: RawSpan) throws(JSONError) {
        var reader = JSONReader(bytes)
        try reader.beginObject()
        while let key = try reader.nextKey() {
            switch key.string {
            case "metadata":
                guard try reader.opensObject() else { continue }
                while let key = try reader.nextKey() {
                    switch key.string {
                    case "resourceVersion": version = try reader.text()
                    case "continue": next = try reader.text()
                    default: try reader.skipValue()
                    }
                }
            case "items":
                guard try reader.opensArray() else { continue }
                while try reader.nextElement() {
                    var version = ""
                    let object = try ClusterObject(kind, &reader, version: &version)
                    objects.append(VersionedObject(version: version, object: object))
                }
            default: try reader.skipValue()
            }
        }
        try reader.finish()
    }
}

/// What the API server says when it refuses something: `{"kind": "Status", "message": ...}`.
struct APIStatus: Sendable, Equatable {
    var code: Int64 = 0
    var message = ""

    init() {}

    init(_ reader: inout JSONReader) throws(JSONError) {
        guard try reader.opensObject() else { return }
        while let key = try reader.nextKey() {
            switch key.string {
            case "code": code = try reader.integer()
            case "message": message = try reader.text()
            default: try reader.skipValue()
            }
        }
    }

    /// The message in a body, empty if it holds none.
    static func message(in body: RawSpan) -> String {
        var reader = JSONReader(body)
        return (try? APIStatus(&reader))?.message ?? ""
    }
}
