import CPkcs11
import Glibc
import WeirJSON
import WeirWorker

/// A call that did not return `CKR_OK`.
struct Refusal: Error {
    var function: String
    var code: UInt

    var name: String { ReturnValue.name(code) }

    var json: JSONValue {
        .object([
            JSONMember("function", .string(function)), JSONMember("code", .string(name)),
        ])
    }
}

/// A vendor's module, loaded and initialised. It is never unloaded: this process ends instead.
@safe final class Module {
    let functions: CK_FUNCTION_LIST
    let path: String
    /// What took how long, in seconds, in the order of the calls.
    var operations: [JSONValue] = []

    init(_ path: String, configuration: String?) throws(WorkerError) {
        self.path = path
        Worker.note("loading \(path)")
        guard let library = unsafe dlopen(path, RTLD_NOW | RTLD_LOCAL) else {
            let reason = unsafe dlerror().map { unsafe String(cString: $0) } ?? "no reason given"
            throw WorkerError(.retry, "the module cannot be loaded: \(reason); set 'module'")
        }
        guard let symbol = unsafe dlsym(library, "C_GetFunctionList") else {
            throw WorkerError(
                .refused,
                "\(path) has no C_GetFunctionList: it is not a PKCS#11 module; set 'module'")
        }
        typealias GetList =
            @convention(c) (UnsafeMutablePointer<UnsafeMutablePointer<CK_FUNCTION_LIST>?>?) -> UInt
        let getList = unsafe unsafeBitCast(symbol, to: GetList.self)
        var list: UnsafeMutablePointer<CK_FUNCTION_LIST>?
        Worker.note("C_GetFunctionList")
        let status = unsafe getList(&list)
        guard status == 0, let list = unsafe list else {
            throw WorkerError(
                .retry, "C_GetFunctionList of \(path): \(ReturnValue.name(status))")
        }
        unsafe functions = list.pointee
        do throws(Refusal) {
            try initialise(configuration)
        } catch {
            throw WorkerError(.retry, "\(error.function) of \(path): \(error.name)")
        }
    }

    /// - Parameter configuration: what some modules (NSS) want in the reserved field.
    private func initialise(_ configuration: String?) throws(Refusal) {
        // Kept for ever: the standard does not say how long a module may look at it.
        let text = unsafe configuration.map { unsafe strdup($0) } ?? nil
        var arguments = unsafe CK_C_INITIALIZE_ARGS()
        unsafe arguments.flags = UInt(CKF_OS_LOCKING_OK)
        unsafe arguments.pReserved = UnsafeMutableRawPointer(text)
        try timed("initialize") { () throws(Refusal) in
            try call("C_Initialize") {
                let status = unsafe functions.C_Initialize(&arguments)
                return status == UInt(CKR_CRYPTOKI_ALREADY_INITIALIZED) ? 0 : status
            }
        }
    }

    /// Calls one function, having said so: if it never returns, the host knows which it was.
    func call(_ name: String, _ body: () -> UInt) throws(Refusal) {
        Worker.note(name)
        let status = body()
        guard status == 0 else { throw Refusal(function: name, code: status) }
    }

    /// Runs calls and keeps how long they took together, under the name of the operation.
    func timed<R>(_ operation: String, _ body: () throws(Refusal) -> R) throws(Refusal) -> R {
        let before = seconds()
        let result = try body()
        operations.append(
            .object([
                JSONMember("op", .string(operation)),
                JSONMember("seconds", .number(seconds() - before)),
            ]))
        return result
    }

    func seconds() -> Double {
        var time = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    // MARK: What it says of itself

    func info() throws(Refusal) -> JSONValue {
        var info = CK_INFO()
        try call("C_GetInfo") { unsafe functions.C_GetInfo(&info) }
        return .object([
            JSONMember("manufacturer", .string(padded(info.manufacturerID))),
            JSONMember("description", .string(padded(info.libraryDescription))),
            JSONMember("version", .string(version(info.libraryVersion))),
            JSONMember("cryptoki", .string(version(info.cryptokiVersion))),
        ])
    }

    func slots() throws(Refusal) -> [UInt] {
        var count: UInt = 0
        try call("C_GetSlotList") { unsafe functions.C_GetSlotList(0, nil, &count) }
        var slots = [UInt](repeating: 0, count: Int(count))
        try call("C_GetSlotList") { unsafe functions.C_GetSlotList(0, &slots, &count) }
        return Array(slots.prefix(Int(count)))
    }

    func mechanisms(_ slot: UInt) throws(Refusal) -> [UInt] {
        var count: UInt = 0
        try call("C_GetMechanismList") {
            unsafe functions.C_GetMechanismList(slot, nil, &count)
        }
        var list = [UInt](repeating: 0, count: Int(count))
        try call("C_GetMechanismList") {
            unsafe functions.C_GetMechanismList(slot, &list, &count)
        }
        return Array(list.prefix(Int(count)))
    }
}

/// A text of fixed length, filled up with blanks; some modules fill up with zeros.
func padded<T>(_ field: T) -> String {
    unsafe withUnsafeBytes(of: field) { bytes in
        let end = unsafe bytes.lastIndex { $0 != 0x20 && $0 != 0 }.map { $0 + 1 } ?? 0
        return unsafe String(decoding: bytes[..<end].prefix { $0 != 0 }, as: UTF8.self)
    }
}

func version(_ version: CK_VERSION) -> String { "\(version.major).\(version.minor)" }
