import WeirJSON

struct Endpoints: Sendable, Equatable {
    struct Address: Sendable, Equatable {
        var ip = ""
        var hostname = ""
        var nodeName = ""
        var target: ObjectReference?
        var isReady = true
    }

    struct Subset: Sendable, Equatable {
        /// Those that are ready, then the others.
        var addresses: [Address] = []
        var ports: [ObjectPort] = []
    }

    var meta = ObjectMeta()
    var subsets: [Subset] = []

    init(_ reader: inout JSONReader, version: inout String) throws(JSONError) {
        guard try reader.opensObject() else { return }
        while let key = try reader.nextKey() {
            switch key.string {
            case "metadata": meta = try ObjectMeta(&reader, version: &version)
            case "subsets":
                guard try reader.opensArray() else { continue }
                while try reader.nextElement() { subsets.append(try Subset(&reader)) }
            default: try reader.skipValue()
            }
        }
    }
}

extension Endpoints.Subset {
    fileprivate init(_ reader: inout JSONReader) throws(JSONError) {
        guard try reader.opensObject() else { return }
        var others: [Endpoints.Address] = []
        while let key = try reader.nextKey() {
            switch key.string {
            case "addresses": addresses = try Endpoints.addresses(&reader, isReady: true)
            case "notReadyAddresses": others = try Endpoints.addresses(&reader, isReady: false)
            case "ports": ports = try ObjectPort.list(&reader)
            default: try reader.skipValue()
            }
        }
        addresses += others
    }
}

extension Endpoints {
    fileprivate static func addresses(
        _ reader: inout JSONReader, isReady: Bool
    ) throws(JSONError) -> [Address] {
        guard try reader.opensArray() else { return [] }
        var result: [Address] = []
        while try reader.nextElement() {
            guard try reader.opensObject() else { continue }
            var address = Address(isReady: isReady)
            while let key = try reader.nextKey() {
                switch key.string {
                case "ip": address.ip = try reader.text()
                case "hostname": address.hostname = try reader.text()
                case "nodeName": address.nodeName = try reader.text()
                case "targetRef": address.target = try ObjectReference(&reader)
                default: try reader.skipValue()
                }
            }
            result.append(address)
        }
        return result
    }
}
