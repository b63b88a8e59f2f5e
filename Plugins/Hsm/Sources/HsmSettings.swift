import WeirSDK

package struct HsmSettings: Decodable, Sendable {
    package var module: String
    package var namespace = ""
    package var token: String?
    package var serial: String?
    package var slot: Int?
    package var pin: String?
    package var pinFile: String?
    package var configuration: String?
    package var environment: [String: String]?
    package var objects = true
    package var certificates = true
    package var probe: [ProbeSettings]?

    private enum CodingKeys: CodingKey {
        case module, namespace, token, serial, slot, pin, pinFile, configuration, environment
        case objects, certificates, probe
    }

    package init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        module = try values.decode(String.self, forKey: .module)
        namespace = try values.decodeIfPresent(String.self, forKey: .namespace) ?? namespace
        token = try values.decodeIfPresent(String.self, forKey: .token)
        serial = try values.decodeIfPresent(String.self, forKey: .serial)
        slot = try values.decodeIfPresent(Int.self, forKey: .slot)
        pin = try values.decodeIfPresent(String.self, forKey: .pin)
        pinFile = try values.decodeIfPresent(String.self, forKey: .pinFile)
        configuration = try values.decodeIfPresent(String.self, forKey: .configuration)
        environment = try values.decodeIfPresent([String: String].self, forKey: .environment)
        objects = try values.decodeIfPresent(Bool.self, forKey: .objects) ?? objects
        certificates = try values.decodeIfPresent(Bool.self, forKey: .certificates) ?? certificates
        probe = try values.decodeIfPresent([ProbeSettings].self, forKey: .probe)
    }

    /// What the settings say that a schema cannot.
    func check() throws(ComponentError) {
        if pin != nil && pinFile != nil {
            throw .invalid("pin and pin_file are both given; keep one")
        }
        let isChosen = token != nil || serial != nil || slot != nil
        if pin != nil || pinFile != nil, !isChosen {
            throw .invalid(
                "a PIN is given and no token; name one by token, serial or slot, so that no other "
                    + "token gets a wrong PIN")
        }
        let isName = namespace.utf8.allSatisfy { byte in
            byte == UInt8(ascii: "_") || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
        }
        guard isName, namespace.first?.isNumber != true else {
            throw .invalid(
                "namespace is '\(namespace)'; expected letters, digits and underscores, as in qsign"
            )
        }
    }

    /// How messages and labels call the token that was chosen.
    var chosen: String {
        if let token { return "the token '\(token)'" }
        if let serial { return "the token with the serial number '\(serial)'" }
        if let slot { return "a token in slot \(slot)" }
        return "a token"
    }
}

package struct ProbeSettings: Decodable, Sendable, Equatable {
    package var key: String
    package var id: String?
    package var mechanism: String
    package var verify: Bool
}
