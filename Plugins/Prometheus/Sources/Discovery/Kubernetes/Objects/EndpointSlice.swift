import WeirJSON

struct EndpointSlice: Sendable, Equatable {
    struct Port: Sendable, Equatable {
        var name = ""
        var `protocol` = ""
        var appProtocol = ""
        /// `nil`: all of them.
        var number: Int64?
    }

    struct Endpoint: Sendable, Equatable {
        var addresses: [String] = []
        /// Empty where nothing is said.
        var ready = ""
        var serving = ""
        var terminating = ""
        var hostname = ""
        var nodeName = ""
        var zone = ""
        var target: ObjectReference?
        var topology: [NamedText] = []
    }

    var meta = ObjectMeta()
    var addressType = ""
    var ports: [Port] = []
    var endpoints: [Endpoint] = []

    /// The service that it belongs to; `nil` if it says none.
    var serviceKey: String? {
        meta.labels.first { $0.name == "kubernetes.io/service-name" }.map {
            meta.namespace + "/" + $0.value
        }
    }

    init(_ reader: inout JSONReader, version: inout String) throws(JSONError) {
        guard try reader.opensObject() else { return }
        while let key = try reader.nextKey() {
            switch key.string {
            case "metadata": meta = try ObjectMeta(&reader, version: &version)
            case "addressType": addressType = try reader.text()
            case "ports":
                guard try reader.opensArray() else { continue }
                while try reader.nextElement() { ports.append(try Port(&reader)) }
            case "endpoints":
                guard try reader.opensArray() else { continue }
                while try reader.nextElement() { endpoints.append(try Endpoint(&reader)) }
            default: try reader.skipValue()
            }
        }
    }
}

extension EndpointSlice.Port {
    fileprivate init(_ reader: inout JSONReader) throws(JSONError) {
        guard try reader.opensObject() else { return }
        while let key = try reader.nextKey() {
            switch key.string {
            case "name": name = try reader.text()
            case "protocol": self.protocol = try reader.text()
            case "appProtocol": appProtocol = try reader.text()
            case "port":
                if try reader.peek() == .null {
                    try reader.readNull()
                } else {
                    number = try reader.integer()
                }
            default: try reader.skipValue()
            }
        }
    }
}

extension EndpointSlice.Endpoint {
    fileprivate init(_ reader: inout JSONReader) throws(JSONError) {
        guard try reader.opensObject() else { return }
        while let key = try reader.nextKey() {
            switch key.string {
            case "addresses": addresses = try reader.texts()
            case "hostname": hostname = try reader.text()
            case "nodeName": nodeName = try reader.text()
            case "zone": zone = try reader.text()
            case "targetRef": target = try ObjectReference(&reader)
            case "deprecatedTopology": topology = try reader.pairs()
            case "conditions": try readConditions(&reader)
            default: try reader.skipValue()
            }
        }
    }

    private mutating func readConditions(_ reader: inout JSONReader) throws(JSONError) {
        guard try reader.opensObject() else { return }
        while let key = try reader.nextKey() {
            let name = key.string
            guard try reader.peek() == .bool else {
                try reader.skipValue()
                continue
            }
            let value = try reader.readBool() ? "true" : "false"
            switch name {
            case "ready": ready = value
            case "serving": serving = value
            case "terminating": terminating = value
            default: break
            }
        }
    }
}
