import WeirJSON

/// What an endpoint stands for: a pod, mostly.
struct ObjectReference: Sendable, Equatable {
    var kind = ""
    var namespace = ""
    var name = ""

    var podKey: String? { kind == "Pod" ? namespace + "/" + name : nil }

    /// `nil` for null.
    init?(_ reader: inout JSONReader) throws(JSONError) {
        guard try reader.opensObject() else { return nil }
        while let key = try reader.nextKey() {
            switch key.string {
            case "kind": kind = try reader.text()
            case "namespace": namespace = try reader.text()
            case "name": name = try reader.text()
            default: try reader.skipValue()
            }
        }
    }
}
