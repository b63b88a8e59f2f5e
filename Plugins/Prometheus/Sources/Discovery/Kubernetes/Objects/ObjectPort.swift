import WeirJSON

/// A port of a container, a service or an endpoint: `{"name": "http", "port": 80, "protocol": "TCP"}`.
struct ObjectPort: Sendable, Equatable {
    var name = ""
    var number: Int64 = 0
    var `protocol` = ""

    init() {}

    /// A list of them. Containers call the number `containerPort`.
    static func list(
        _ reader: inout JSONReader, number key: StaticString = "port"
    ) throws(JSONError) -> [ObjectPort] {
        let numberKey = "\(key)"
        guard try reader.opensArray() else { return [] }
        var result: [ObjectPort] = []
        while try reader.nextElement() {
            guard try reader.opensObject() else { continue }
            var port = ObjectPort()
            while let key = try reader.nextKey() {
                switch key.string {
                case "name": port.name = try reader.text()
                case numberKey: port.number = try reader.integer()
                case "protocol": port.protocol = try reader.text()
                default: try reader.skipValue()
                }
            }
            result.append(port)
        }
        return result
    }
}
