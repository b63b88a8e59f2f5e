import CFfi
import WeirJSON
import WeirWorker

/// One function, with its arguments in memory and its signature known to libffi.
@safe final class PreparedCall {
    @safe private struct Argument {
        var name: String
        var type: CType
        /// What is there before each call.
        var initial: [UInt8]
        /// By address: the function writes there, or reads from there.
        var isPointer: Bool
        var isResult: Bool
        /// The value; for one by address, what lies at that address.
        var memory: UnsafeMutableRawPointer
    }

    private let function: String
    private let address: UnsafeMutableRawPointer
    private let returns: CType
    private var arguments: [Argument] = []
    private let cif = UnsafeMutablePointer<ffi_cif>.allocate(capacity: 1)
    /// One address for each argument: of its value, or of the pointer to it.
    private var slots: [UnsafeMutableRawPointer?] = unsafe []

    init(_ json: JSONValue, _ library: Library, _ types: TypeTable) throws(WorkerError) {
        function = json["function"]?.stringValue ?? ""
        unsafe address = try library.symbol(function)
        returns = try types.type(json["returns"]?.stringValue ?? "void", "\(function).returns")
        switch returns {
        case .array, .text:
            throw WorkerError(
                .invalid, "\(function).returns: C returns no arrays; expected a pointer")
        default: break
        }
        for (index, argument) in (json["arguments"]?.arrayValue ?? []).enumerated() {
            try add(argument, index, types)
        }
        // It is kept by the cif, so for ever.
        let list = UnsafeMutablePointer<UnsafeMutablePointer<ffi_type>?>.allocate(
            capacity: max(1, arguments.count))
        for (index, argument) in arguments.enumerated() {
            unsafe list[index] = FFIType.make(argument.isPointer ? .address : argument.type)
        }
        let status = unsafe ffi_prep_cif(
            cif, FFI_DEFAULT_ABI, UInt32(arguments.count), FFIType.make(returns), list)
        guard status == FFI_OK else {
            throw WorkerError(.invalid, "\(function): libffi does not take this signature")
        }
    }

    private func add(
        _ json: JSONValue, _ index: Int, _ types: TypeTable
    ) throws(WorkerError) {
        let name = json["name"]?.stringValue ?? String(index)
        let place = "\(function).\(name)"
        let type = try types.type(json["type"]?.stringValue ?? "", place)
        let direction = json["direction"]?.stringValue ?? "value"
        if direction == "value" {
            switch type {
            case .array, .text:
                throw WorkerError(
                    .invalid,
                    "\(place): C passes arrays by address; expected a direction of in, out or inout"
                )
            case .pointer, .void:
                throw WorkerError(
                    .invalid,
                    "\(place): write what it points to, with a direction of in, out or inout")
            default: break
            }
        }
        let memory = UnsafeMutableRawPointer.allocate(
            byteCount: max(16, type.size), alignment: 16)
        unsafe memory.initializeMemory(as: UInt8.self, repeating: 0, count: max(16, type.size))
        try unsafe type.write(json["value"] ?? .null, to: memory, place)
        let initial = unsafe Array(UnsafeRawBufferPointer(start: memory, count: max(16, type.size)))
        unsafe arguments.append(
            Argument(
                name: name, type: type, initial: initial, isPointer: direction != "value",
                isResult: direction == "out" || direction == "inout", memory: memory))
        if direction == "value" {
            unsafe slots.append(memory)
        } else {
            let pointer = UnsafeMutableRawPointer.allocate(byteCount: 8, alignment: 8)
            unsafe pointer.storeBytes(of: memory, as: UnsafeMutableRawPointer.self)
            unsafe slots.append(pointer)
        }
    }

    /// Calls it, and gives what it returned and wrote.
    func run() throws(WorkerError) -> JSONValue {
        for argument in arguments where argument.isPointer {
            unsafe argument.memory.copyMemory(
                from: argument.initial, byteCount: argument.initial.count)
        }
        // Small integers come in a whole register.
        let result = UnsafeMutableRawPointer.allocate(
            byteCount: max(16, returns.size), alignment: 16)
        defer { unsafe result.deallocate() }
        Worker.note(function)
        let code = unsafe unsafeBitCast(address, to: (@convention(c) () -> Void).self)
        unsafe ffi_call(cif, code, result, &slots)
        var members = [JSONMember("return", try unsafe returns.read(result))]
        for argument in arguments where argument.isResult {
            let value = try unsafe argument.type.read(argument.memory)
            members.append(JSONMember(argument.name, value))
        }
        return .object(members)
    }
}
