import CPkcs11
import WeirJSON

/// A session on one token, kept from look to look.
@safe final class Session {
    let module: Module
    let slot: UInt
    private(set) var handle: UInt = 0

    init(_ module: Module, _ slot: UInt) throws(Refusal) {
        self.module = module
        self.slot = slot
        var opened: UInt = 0
        try module.timed("open_session") { () throws(Refusal) in
            try module.call("C_OpenSession") {
                unsafe module.functions.C_OpenSession(
                    slot, UInt(CKF_SERIAL_SESSION), nil, nil, &opened)
            }
        }
        handle = opened
    }

    func close() {
        try? module.call("C_CloseSession") { module.functions.C_CloseSession(handle) }
    }

    private func state() throws(Refusal) -> UInt {
        var info = CK_SESSION_INFO()
        try module.call("C_GetSessionInfo") {
            unsafe module.functions.C_GetSessionInfo(handle, &info)
        }
        return UInt(info.state)
    }

    /// Whether the token still knows it.
    func answers() throws(Refusal) -> Bool {
        _ = try state()
        return true
    }

    /// Logs the user in, unless that is done already or would be the last try before the lock.
    /// A wrong PIN is an answer: the plugin sees to it that it is not tried again.
    ///
    /// - Parameter isUncertain: a login with this PIN did not return. If the token has counted a
    ///   wrong one since the last good one, it may have been this.
    /// - Parameter isCautious: nothing is known of this PIN. If the token has counted a wrong one, it
    ///   may have been this one of a process before: one that is started again and again would lock
    ///   the token.
    func login(
        _ pin: String, _ token: TokenDescription, isUncertain: Bool, isCautious: Bool
    ) throws(Refusal) -> String {
        let state = try state()
        if state == UInt(CKS_RO_USER_FUNCTIONS) || state == UInt(CKS_RW_USER_FUNCTIONS) {
            return "CKR_OK"
        }
        if token.flags & UInt(CKF_USER_PIN_LOCKED) != 0 { return "CKR_PIN_LOCKED" }
        if token.flags & UInt(CKF_USER_PIN_FINAL_TRY) != 0 { return "FINAL_TRY" }
        if token.flags & UInt(CKF_USER_PIN_COUNT_LOW) != 0 {
            if isUncertain { return "PIN_COUNT_LOW" }
            if isCautious { return "PIN_COUNT_LOW_BEFORE" }
        }
        var bytes = Array(pin.utf8)
        do throws(Refusal) {
            try module.timed("login") { () throws(Refusal) in
                try module.call("C_Login") {
                    unsafe module.functions.C_Login(
                        handle, UInt(CKU_USER), &bytes, UInt(bytes.count))
                }
            }
            return "CKR_OK"
        } catch {
            if error.code == UInt(CKR_USER_ALREADY_LOGGED_IN) { return "CKR_OK" }
            return error.name
        }
    }
}
