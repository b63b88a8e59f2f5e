import WeirJSON

struct Pod: Sendable, Equatable {
    struct Container: Sendable, Equatable {
        var name = ""
        var image = ""
        var ports: [ObjectPort] = []
        var isInit = false
    }

    var meta = ObjectMeta()
    var nodeName = ""
    var ip = ""
    var hostIP = ""
    var phase = ""
    /// `true`, `false` or `unknown`
    var ready = "unknown"
    /// The containers, then those that ran before them.
    var containers: [Container] = []
    /// Ids of containers by name.
    var containerIDs: [NamedText] = []
    var initContainerIDs: [NamedText] = []

    func id(of container: Container) -> String {
        let ids = container.isInit ? initContainerIDs : containerIDs
        return ids.first { $0.name == container.name }?.value ?? ""
    }

    init(_ reader: inout JSONReader, version: inout String) throws(JSONError) {
        guard try reader.opensObject() else { return }
        while let key = try reader.nextKey() {
            switch key.string {
            case "metadata": meta = try ObjectMeta(&reader, version: &version)
            case "spec": try readSpec(&reader)
            case "status": try readStatus(&reader)
            default: try reader.skipValue()
            }
        }
    }

    private mutating func readSpec(_ reader: inout JSONReader) throws(JSONError) {
        guard try reader.opensObject() else { return }
        var before: [Container] = []
        while let key = try reader.nextKey() {
            switch key.string {
            case "nodeName": nodeName = try reader.text()
            case "containers": containers = try Pod.containers(&reader, isInit: false)
            case "initContainers": before = try Pod.containers(&reader, isInit: true)
            default: try reader.skipValue()
            }
        }
        containers += before
    }

    private static func containers(
        _ reader: inout JSONReader, isInit: Bool
    ) throws(JSONError) -> [Container] {
        guard try reader.opensArray() else { return [] }
        var result: [Container] = []
        while try reader.nextElement() {
            guard try reader.opensObject() else { continue }
            var container = Container(isInit: isInit)
            while let key = try reader.nextKey() {
                switch key.string {
                case "name": container.name = try reader.text()
                case "image": container.image = try reader.text()
                case "ports":
                    container.ports = try ObjectPort.list(&reader, number: "containerPort")
                default: try reader.skipValue()
                }
            }
            result.append(container)
        }
        return result
    }

    private mutating func readStatus(_ reader: inout JSONReader) throws(JSONError) {
        guard try reader.opensObject() else { return }
        while let key = try reader.nextKey() {
            switch key.string {
            case "podIP": ip = try reader.text()
            case "hostIP": hostIP = try reader.text()
            case "phase": phase = try reader.text()
            case "conditions":
                let conditions = try reader.conditions()
                ready =
                    conditions.first { $0.name == "Ready" }?.value.lowercased() ?? "unknown"
            case "containerStatuses": containerIDs = try reader.namedTexts("name", "containerID")
            case "initContainerStatuses":
                initContainerIDs = try reader.namedTexts("name", "containerID")
            default: try reader.skipValue()
            }
        }
    }
}
