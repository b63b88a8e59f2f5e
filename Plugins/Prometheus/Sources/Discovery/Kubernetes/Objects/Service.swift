import WeirJSON

struct Service: Sendable, Equatable {
    var meta = ObjectMeta()
    var type = ""
    var clusterIP = ""
    var externalName = ""
    /// The one that was asked for, before there were several.
    var loadBalancerIP = ""
    var ingressIPs: [String] = []
    var ports: [ObjectPort] = []
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
            case "ports": ports = try ObjectPort.list(&reader)
            default: try reader.skipValue()
            }
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
