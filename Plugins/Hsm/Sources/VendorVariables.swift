import Glibc

/// Variables in which modules look for their configuration: paths and addresses, no secrets. They
/// reach the module if weir has them.
enum VendorVariables {
    private static let names = [
        "SOFTHSM2_CONF", "KRYOPTIC_CONF", "YUBIHSM_PKCS11_CONF", "TPM2_PKCS11_STORE",
        "TPM2_PKCS11_TCTI", "OPENSC_CONF", "ChrystokiConfigurationPath", "NFAST_HOME",
        "CKNFAST_LOADSHARING", "CS_PKCS11_R3_CFG", "CS_PKCS11_R2_CFG", "P11NETHSM_CONFIG_FILE",
        "ET_HSM_NETCLIENT_SERVERLIST", "CLOUDHSM_PKCS11_CONFIG_PATH",
    ]

    static var found: [String: String] {
        var result: [String: String] = [:]
        for name in names {
            if let value = unsafe getenv(name) { result[name] = unsafe String(cString: value) }
        }
        return result
    }
}
