import CPkcs11
import WeirJSON

/// A slot, and the token in it, as the module describes them.
struct TokenDescription {
    let slot: UInt
    var slotText = ""
    var isPresent = false
    var token: CK_TOKEN_INFO?

    var label: String { token.map { padded($0.label) } ?? "" }
    var serial: String { token.map { padded($0.serialNumber) } ?? "" }
    var flags: UInt { token?.flags ?? 0 }

    init(_ slot: UInt) { self.slot = slot }

    mutating func read(_ module: Module) throws(Refusal) {
        var info = CK_SLOT_INFO()
        try module.call("C_GetSlotInfo") {
            unsafe module.functions.C_GetSlotInfo(slot, &info)
        }
        slotText = padded(info.slotDescription)
        guard info.flags & UInt(CKF_TOKEN_PRESENT) != 0 else { return }
        var found = CK_TOKEN_INFO()
        try module.call("C_GetTokenInfo") {
            unsafe module.functions.C_GetTokenInfo(slot, &found)
        }
        isPresent = true
        token = found
    }

    /// Numbers that the module does not know, or that stand for "no limit", are left out.
    var json: [JSONMember] {
        var members = [
            JSONMember("slot", .integer(Int64(clamping: slot))),
            JSONMember("description", .string(slotText)),
            JSONMember("present", .bool(isPresent)),
        ]
        guard let token else { return members }
        func text(_ key: String, _ value: String) {
            members.append(JSONMember(key, .string(value)))
        }
        func number(_ key: String, _ value: UInt, isMaximum: Bool = false) {
            // CK_UNAVAILABLE_INFORMATION, some modules have it in 32 bits; CK_EFFECTIVELY_INFINITE.
            if value == UInt.max || value == 0xffff_ffff || (isMaximum && value == 0) { return }
            members.append(JSONMember(key, .integer(Int64(clamping: value))))
        }
        text("label", label)
        text("manufacturer", padded(token.manufacturerID))
        text("model", padded(token.model))
        text("serial", serial)
        text("firmware", version(token.firmwareVersion))
        text("hardware", version(token.hardwareVersion))
        number("sessions", token.ulSessionCount)
        number("rw_sessions", token.ulRwSessionCount)
        number("max_sessions", token.ulMaxSessionCount, isMaximum: true)
        number("max_rw_sessions", token.ulMaxRwSessionCount, isMaximum: true)
        number("total_public", token.ulTotalPublicMemory)
        number("free_public", token.ulFreePublicMemory)
        number("total_private", token.ulTotalPrivateMemory)
        number("free_private", token.ulFreePrivateMemory)
        let flags = TokenDescription.flagNames.map {
            JSONMember($0.name, .bool(token.flags & UInt($0.flag) != 0))
        }
        members.append(JSONMember("flags", .object(flags)))
        return members
    }

    private static let flagNames: [(flag: UInt, name: String)] = [
        (1 << 0, "rng"), (1 << 1, "write_protected"), (1 << 2, "login_required"),
        (1 << 3, "user_pin_initialized"), (1 << 8, "protected_authentication_path"),
        (1 << 10, "token_initialized"), (1 << 16, "user_pin_count_low"),
        (1 << 17, "user_pin_final_try"), (1 << 18, "user_pin_locked"),
        (1 << 19, "user_pin_to_be_changed"), (1 << 20, "so_pin_count_low"),
        (1 << 21, "so_pin_final_try"), (1 << 22, "so_pin_locked"),
        (1 << 23, "so_pin_to_be_changed"), (1 << 24, "error_state"),
    ]
}
