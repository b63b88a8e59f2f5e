import WeirJSON

/// What every object of Kubernetes has.
struct ObjectMeta: Sendable, Equatable {
    var name = ""
    /// Empty for what belongs to no namespace.
    var namespace = ""
    var uid = ""
    var labels: [NamedText] = []
    var annotations: [NamedText] = []
    /// What made it, and would make it again.
    var controllerKind = ""
    var controllerName = ""

    /// `namespace/name`, or the name alone.
    var key: String { namespace.isEmpty ? name : namespace + "/" + name }

    init() {}

    /// - Parameter version: gets the resource version, which is no property of the object.
    init(_ reader: inout JSONReader, version: inout String) throws(JSONError) {
        guard try reader.opensObject() else { return }
        while let key = try reader.nextKey() {
            switch key.string {
            case "name": name = try reader.text()
            case "namespace": namespace = try reader.text()
            case "uid": uid = try reader.text()
            case "resourceVersion": version = try reader.text()
            case "labels": labels = try reader.pairs()
            case "annotations": annotations = try reader.pairs()
            case "ownerReferences": try readOwners(&reader)
            default: try reader.skipValue()
            }
        }
    }

    private mutating func readOwners(_ reader: inout JSONReader) throws(JSONError) {
        guard try reader.opensArray() else { return }
        while try reader.nextElement() {
            guard try reader.opensObject() else { continue }
            var (kind, name, isController) = ("", "", false)
            while let key = try reader.nextKey() {
                switch key.string {
                case "kind": kind = try reader.text()
                case "name": name = try reader.text()
                case "controller": isController = try reader.flag()
                default: try reader.skipValue()
                }
            }
            if isController && controllerKind.isEmpty && controllerName.isEmpty {
                (controllerKind, controllerName) = (kind, name)
            }
        }
    }
}
