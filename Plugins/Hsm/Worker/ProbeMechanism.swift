import CPkcs11

/// How a probe signs or encrypts: the mechanism, its parameter and what is put in.
struct ProbeMechanism {
    enum Parameter { case none, pss, gcm(iv: [UInt8]) }

    /// As people write it in settings.
    var name: String
    var number: UInt
    var parameter = Parameter.none
    /// The module wants a digest with its algorithm's prefix, and not the text.
    private var isBareRSA = false

    var isCipher: Bool { if case .gcm = parameter { true } else { false } }

    /// - Parameters:
    ///   - wanted: `auto`, or a name; it must fit the key.
    ///   - mechanisms: what the token has.
    init?(_ wanted: String, keyType: UInt, _ mechanisms: [UInt]) {
        let natural: String? =
            switch keyType {
            case UInt(CKK_RSA): "rsa_pkcs"
            case UInt(CKK_EC): "ecdsa"
            case UInt(CKK_EC_EDWARDS): "eddsa"
            case UInt(CKK_AES): "aes_gcm"
            default: nil
            }
        guard let natural else { return nil }
        name = wanted == "auto" ? natural : wanted
        guard name == natural || (name == "rsa_pss" && natural == "rsa_pkcs") else { return nil }
        switch name {
        case "rsa_pkcs":
            number = UInt(CKM_SHA256_RSA_PKCS)
            if !mechanisms.contains(number) {
                number = UInt(CKM_RSA_PKCS)
                isBareRSA = true
            }
        case "rsa_pss":
            number = UInt(CKM_SHA256_RSA_PKCS_PSS)
            parameter = .pss
        case "ecdsa": number = UInt(CKM_ECDSA)
        case "eddsa": number = 0x1057
        default:
            number = UInt(CKM_AES_GCM)
            var random = SystemRandomNumberGenerator()
            parameter = .gcm(iv: (0..<12).map { _ in UInt8.random(in: 0...255, using: &random) })
        }
        guard mechanisms.contains(number) else { return nil }
    }

    /// 32 random bytes: a digest as far as the token can see.
    func input() -> [UInt8] {
        var random = SystemRandomNumberGenerator()
        let digest = (0..<32).map { _ in UInt8.random(in: 0...255, using: &random) }
        // DigestInfo of SHA-256, RFC 8017, section 9.2.
        let prefix: [UInt8] = [
            0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02,
            0x01, 0x05, 0x00, 0x04, 0x20,
        ]
        return isBareRSA ? prefix + digest : digest
    }

    /// Lends the structure that the module's functions take.
    func withRaw(_ body: (UnsafeMutablePointer<CK_MECHANISM>) -> UInt) -> UInt {
        var mechanism = unsafe CK_MECHANISM(mechanism: number, pParameter: nil, ulParameterLen: 0)
        switch parameter {
        case .none: return unsafe body(&mechanism)
        case .pss:
            var pss = CK_RSA_PKCS_PSS_PARAMS(
                hashAlg: UInt(CKM_SHA256), mgf: UInt(CKG_MGF1_SHA256), sLen: 32)
            return unsafe withUnsafeMutableBytes(of: &pss) { bytes in
                unsafe mechanism.pParameter = bytes.baseAddress
                unsafe mechanism.ulParameterLen = UInt(bytes.count)
                return unsafe body(&mechanism)
            }
        case .gcm(var iv):
            return unsafe iv.withUnsafeMutableBufferPointer { iv in
                var gcm = unsafe CK_GCM_PARAMS(
                    pIv: iv.baseAddress, ulIvLen: UInt(iv.count), ulIvBits: UInt(iv.count * 8),
                    pAAD: nil, ulAADLen: 0, ulTagBits: 128)
                return unsafe withUnsafeMutableBytes(of: &gcm) { bytes in
                    unsafe mechanism.pParameter = bytes.baseAddress
                    unsafe mechanism.ulParameterLen = UInt(bytes.count)
                    return unsafe body(&mechanism)
                }
            }
        }
    }
}
