import CPkcs11
import WeirJSON

/// Finding objects and reading their attributes.
extension Session {
    private static let classes: [(name: String, number: UInt)] = [
        ("data", 0), ("certificate", 1), ("public_key", 2), ("private_key", 3), ("secret_key", 4),
        ("domain_parameters", 6),
    ]
    /// Beyond so many of one class, counting ends: a collection has a deadline.
    private static let mostCounted = 100_000
    private static let mostCertificates = 1000

    /// How many objects of each class this session sees.
    func countObjects() throws(Refusal) -> JSONValue {
        var members: [JSONMember] = []
        for entry in Session.classes {
            let found = try find(
                [Attribute(UInt(CKA_CLASS), entry.number)], limit: Session.mostCounted)
            members.append(JSONMember(entry.name, .integer(Int64(found.count))))
        }
        return .object(members)
    }

    /// The certificates that this session sees, with what can be read of each.
    func certificates() throws(Refusal) -> [JSONValue] {
        let found = try find(
            [Attribute(UInt(CKA_CLASS), UInt(CKO_CERTIFICATE))], limit: Session.mostCertificates)
        return found.compactMap { object in
            guard let bytes = try? read(object, UInt(CKA_VALUE)),
                let validity = CertificateValidity(bytes)
            else { return nil }
            let label = (try? read(object, UInt(CKA_LABEL))) ?? []
            let id = (try? read(object, UInt(CKA_ID))) ?? []
            return .object([
                JSONMember("label", .string(String(decoding: label, as: UTF8.self))),
                JSONMember("id", .string(hexadecimal(id))),
                JSONMember("subject", .string(validity.commonName)),
                JSONMember("not_before", .integer(validity.notBefore)),
                JSONMember("not_after", .integer(validity.notAfter)),
            ])
        }
    }

    /// Handles of the objects that have all these attributes.
    func find(_ attributes: [Attribute], limit: Int) throws(Refusal) -> [UInt] {
        try module.timed("find") { () throws(Refusal) in
            try begin(attributes)
            defer {
                try? module.call("C_FindObjectsFinal") {
                    module.functions.C_FindObjectsFinal(handle)
                }
            }
            var found: [UInt] = []
            var chunk = [UInt](repeating: 0, count: 256)
            while found.count < limit {
                var count: UInt = 0
                try module.call("C_FindObjects") {
                    unsafe module.functions.C_FindObjects(handle, &chunk, 256, &count)
                }
                guard count > 0 else { break }
                found += chunk.prefix(Int(min(count, 256)))
            }
            return found
        }
    }

    private func begin(_ attributes: [Attribute]) throws(Refusal) {
        // All values in one buffer that stays where it is during the call.
        var values = attributes.flatMap(\.value)
        try module.call("C_FindObjectsInit") {
            unsafe values.withUnsafeMutableBytes { buffer in
                var offset = 0
                var template: [CK_ATTRIBUTE] = unsafe []
                for attribute in attributes {
                    unsafe template.append(
                        CK_ATTRIBUTE(
                            type: attribute.type, pValue: buffer.baseAddress! + offset,
                            ulValueLen: UInt(attribute.value.count)))
                    offset += attribute.value.count
                }
                return unsafe module.functions.C_FindObjectsInit(
                    handle, &template, UInt(template.count))
            }
        }
    }

    /// The value of an attribute.
    func read(_ object: UInt, _ type: UInt) throws(Refusal) -> [UInt8] {
        var attribute = unsafe CK_ATTRIBUTE(type: type, pValue: nil, ulValueLen: 0)
        try module.call("C_GetAttributeValue") {
            unsafe module.functions.C_GetAttributeValue(handle, object, &attribute, 1)
        }
        // "Not available" is all ones; and nothing that is read here is as long as a megabyte.
        let length = unsafe attribute.ulValueLen
        guard length > 0, length < 1 << 20 else { return [] }
        var bytes = [UInt8](repeating: 0, count: Int(length))
        try module.call("C_GetAttributeValue") {
            unsafe bytes.withUnsafeMutableBytes { buffer in
                unsafe attribute.pValue = buffer.baseAddress
                return unsafe module.functions.C_GetAttributeValue(handle, object, &attribute, 1)
            }
        }
        return Array(bytes.prefix(unsafe Int(min(length, attribute.ulValueLen))))
    }
}

/// One attribute to look for.
struct Attribute {
    let type: UInt
    let value: [UInt8]

    init(_ type: UInt, _ number: UInt) {
        self.type = type
        value = unsafe withUnsafeBytes(of: number) { unsafe Array($0) }
    }

    init(_ type: UInt, _ bytes: [UInt8]) {
        self.type = type
        value = bytes
    }
}

func hexadecimal(_ bytes: [UInt8]) -> String {
    let digits = Array("0123456789abcdef")
    return String(bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
}
