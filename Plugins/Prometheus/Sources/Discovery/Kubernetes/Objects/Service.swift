import WeirJSON

struct Service: Sendable, Equatable {
    struct Port: Sendable, Equatable {
        var name = ""
        var number: Int64 = 0
        var `protocol` = ""
    }

    var meta = ObjectMeta()
    var type = ""
    var clusterIP = ""
    var externalName = ""
    /// The one that was asked for, before there were several.
    var loadBalancerIP = ""
    var ingressIPs: [String] = []
    var ports: [Port] = []
    var ipFamilyPolicy = ""
    var ipFamilies: [String] = []

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
        while let key = try reader.nextKey() {
            switch key.string {
            case "type": type = try reader.text()
            case "clusterIP": clusterIP = try reader.text()
            case "externalName": externalName = try reader.text()
            case "loadBalancerIP": loadBalancerIP = try reader.text()
            case "ipFamilyPolicy": ipFamilyPolicy = try reader.text()
            case "ipFamilies": ipFamilies = try reader.texts()
            case "ports": try readPorts(&reader)
            default: try reader.skipValue()
            }
        }
    }

    private mutating func readPorts(_ reader: inout JSONReader) throws(JSONError) {
        guard try reader.opensArray() else { return }
        while try reader.nextElement() {
            guard try reader.opensObject() else { continue }
            var port = Port()
            while let key = try reader.nextKey() {
                switch key.string {
                case "name": port.name = try reader.text()
                case "port": port.number = try reader.integer()
                case "protocol": port.protocol = try reader.text()
                default: try reader.skipValue()
                }
            }
            ports.append(port)
        }
    }

    /// `{"loadBalancer": {"ingress": [{"ip": "1.2.3.4"}]}}`
    private mutating func readStatus(_ reader: inout JSONReader) throws(JSONError) {
        guard try reader.opensObject() else { return }
        while let key = try reader.nextKey() {
            guard key.equals("loadBalancer") else {
                try reader.skipValue()
                continue
            }
            guard try reader.opensObject() else { continue }
            while let key = try reader.nextKey() {
                guard key.equals("ingress") else {
                    try reader.skipValue()
                    continue
                }
                ingressIPs = try reader.namedTexts("ip", "hostname").map(\.name).filter {
                    !$0.isEmpty
                }
            }
        }
    }

    /// Addresses of its load balancer, with commas between them.
    var loadBalancerIPs: String {
        ingressIPs.isEmpty ? loadBalancerIP : ingressIPs.joined(separator: ",")
    }
}
