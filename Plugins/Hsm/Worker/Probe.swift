import CPkcs11
import WeirJSON

/// Signs random bytes with a named key and verifies the signature; encrypts and decrypts with a
/// secret one. What it is about is whether and how fast the token does it.
struct Probe {
    private let session: Session
    private let mechanisms: [UInt]
    private let label: String
    private let id: [UInt8]
    private let wanted: String
    private let verifies: Bool
    private var key: [JSONMember] { [JSONMember("key", .string(label))] }

    init(_ request: JSONValue, _ session: Session, _ mechanisms: [UInt]) {
        self.session = session
        self.mechanisms = mechanisms
        label = request["key"]?.stringValue ?? ""
        id = bytes(hexadecimal: request["id"]?.stringValue ?? "")
        wanted = request["mechanism"]?.stringValue ?? "auto"
        verifies = request["verify"]?.boolValue ?? true
    }

    /// Every step that was made, with its time; the last has the code of what went wrong, if
    /// something did.
    func run() -> JSONValue {
        var steps: [JSONValue] = []
        var name = wanted
        func step(_ operation: String, _ body: () throws(Refusal) -> Void) -> Bool {
            let before = session.module.seconds()
            var code = "CKR_OK"
            do throws(Refusal) {
                try body()
            } catch {
                code = error.name
            }
            steps.append(
                .object([
                    JSONMember("op", .string(operation)),
                    JSONMember("seconds", .number(session.module.seconds() - before)),
                    JSONMember("code", .string(code)),
                ]))
            return code == "CKR_OK"
        }
        var chosen: (key: UInt, mechanism: ProbeMechanism)?
        var others: [JSONMember] = []
        do throws(Refusal) {
            chosen = try chosenKey()
        } catch {
            steps.append(failed("find", error.name))
            if error.code == UInt(CKR_KEY_HANDLE_INVALID) {
                others = [JSONMember("keys", .array(labels().map { .string($0) }))]
            }
        }
        if let (key, mechanism) = chosen {
            name = mechanism.name
            let isCipher = mechanism.isCipher
            var input = mechanism.input()
            var output: [UInt8] = []
            if step(
                isCipher ? "encrypt" : "sign",
                { () throws(Refusal) in
                    output = try session.transform(
                        isCipher ? .encrypt : .sign, key, mechanism, &input)
                })
            {
                if isCipher {
                    _ = step("decrypt") { () throws(Refusal) in
                        let clear = try session.transform(.decrypt, key, mechanism, &output)
                        guard clear == input else {
                            throw Refusal(function: "C_Decrypt", code: UInt(CKR_DATA_INVALID))
                        }
                    }
                } else if verifies {
                    if let missing = verify(key, mechanism, &input, &output, step) {
                        steps.append(missing)
                    }
                }
            }
        }
        return .object(
            key + [
                JSONMember("mechanism", .string(name)), JSONMember("steps", .array(steps)),
            ] + others)
    }

    /// The result, where there is no key to verify with.
    private func verify(
        _ key: UInt, _ mechanism: ProbeMechanism, _ input: inout [UInt8],
        _ signature: inout [UInt8], _ step: (String, () throws(Refusal) -> Void) -> Bool
    ) -> JSONValue? {
        let found = try? session.find(template(UInt(CKO_PUBLIC_KEY)), limit: 2).first
        guard let found else { return failed("verify", "PUBLIC_KEY_NOT_FOUND") }
        _ = step("verify") { () throws(Refusal) in
            try session.verify(found, mechanism, &input, &signature)
        }
        return nil
    }

    private func failed(_ operation: String, _ code: String) -> JSONValue {
        .object([
            JSONMember("op", .string(operation)), JSONMember("code", .string(code)),
        ])
    }

    /// The key of this name: a private one, or a secret one where there is none.
    private func chosenKey() throws(Refusal) -> (key: UInt, mechanism: ProbeMechanism) {
        for kind in [UInt(CKO_PRIVATE_KEY), UInt(CKO_SECRET_KEY)] {
            guard let key = try session.find(template(kind), limit: 2).first else { continue }
            let type = try session.read(key, UInt(CKA_KEY_TYPE))
            let number = type.reversed().reduce(UInt(0)) { $0 << 8 | UInt($1) }
            guard let mechanism = ProbeMechanism(wanted, keyType: number, mechanisms) else {
                throw Refusal(function: "probe", code: UInt(CKR_MECHANISM_INVALID))
            }
            return (key, mechanism)
        }
        throw Refusal(function: "C_FindObjects", code: UInt(CKR_KEY_HANDLE_INVALID))
    }

    /// Labels of keys that it could have been, for whoever wrote another one.
    private func labels() -> [String] {
        var labels: [String] = []
        for kind in [UInt(CKO_PRIVATE_KEY), UInt(CKO_SECRET_KEY)] {
            let found = (try? session.find([Attribute(UInt(CKA_CLASS), kind)], limit: 20)) ?? []
            for key in found {
                guard let label = try? session.read(key, UInt(CKA_LABEL)) else { continue }
                labels.append(String(decoding: label, as: UTF8.self))
            }
        }
        return labels
    }

    private func template(_ kind: UInt) -> [Attribute] {
        var attributes = [Attribute(UInt(CKA_CLASS), kind)]
        if !label.isEmpty { attributes.append(Attribute(UInt(CKA_LABEL), Array(label.utf8))) }
        if !id.isEmpty { attributes.append(Attribute(UInt(CKA_ID), id)) }
        return attributes
    }
}

func bytes(hexadecimal text: String) -> [UInt8] {
    let digits = text.compactMap(\.hexDigitValue)
    return stride(from: 0, to: digits.count - 1, by: 2).map {
        UInt8(digits[$0] << 4 | digits[$0 + 1])
    }
}
