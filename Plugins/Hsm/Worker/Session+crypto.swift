import CPkcs11

/// Operations with a key.
extension Session {
    enum Operation { case sign, encrypt, decrypt }

    /// What the token makes of `input`. The first call begins the operation, the second ends it.
    func transform(
        _ operation: Operation, _ key: UInt, _ mechanism: ProbeMechanism, _ input: inout [UInt8]
    ) throws(Refusal) -> [UInt8] {
        let functions = module.functions
        let name =
            switch operation {
            case .sign: "C_Sign"
            case .encrypt: "C_Encrypt"
            case .decrypt: "C_Decrypt"
            }
        try module.call(name + "Init") {
            unsafe mechanism.withRaw { raw in
                switch operation {
                case .sign: unsafe functions.C_SignInit(handle, raw, key)
                case .encrypt: unsafe functions.C_EncryptInit(handle, raw, key)
                case .decrypt: unsafe functions.C_DecryptInit(handle, raw, key)
                }
            }
        }
        // Enough for RSA with 16384 bits, and for all that is encrypted here.
        var output = [UInt8](repeating: 0, count: 2048)
        var length = UInt(output.count)
        let count = UInt(input.count)
        try module.call(name) {
            switch operation {
            case .sign: unsafe functions.C_Sign(handle, &input, count, &output, &length)
            case .encrypt: unsafe functions.C_Encrypt(handle, &input, count, &output, &length)
            case .decrypt: unsafe functions.C_Decrypt(handle, &input, count, &output, &length)
            }
        }
        return Array(output.prefix(Int(min(length, 2048))))
    }

    /// Throws `CKR_SIGNATURE_INVALID` if the token does not take its own signature for one.
    func verify(
        _ key: UInt, _ mechanism: ProbeMechanism, _ input: inout [UInt8],
        _ signature: inout [UInt8]
    ) throws(Refusal) {
        let functions = module.functions
        try module.call("C_VerifyInit") {
            unsafe mechanism.withRaw { unsafe functions.C_VerifyInit(handle, $0, key) }
        }
        let (count, length) = (UInt(input.count), UInt(signature.count))
        try module.call("C_Verify") {
            unsafe functions.C_Verify(handle, &input, count, &signature, length)
        }
    }
}
