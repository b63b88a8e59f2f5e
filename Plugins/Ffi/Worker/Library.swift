import Glibc
import WeirWorker

/// A loaded library. It is never unloaded: the process ends instead.
@safe struct Library {
    private let handle: UnsafeMutableRawPointer
    let path: String

    init(_ path: String) throws(WorkerError) {
        Worker.note("loading \(path)")
        guard let handle = unsafe dlopen(path, RTLD_NOW | RTLD_LOCAL) else {
            let reason = unsafe dlerror().map { unsafe String(cString: $0) } ?? "no reason given"
            throw WorkerError(.retry, "library cannot be loaded: \(reason)")
        }
        unsafe self.handle = handle
        self.path = path
    }

    func symbol(_ name: String) throws(WorkerError) -> UnsafeMutableRawPointer {
        guard let address = unsafe dlsym(handle, name) else {
            throw WorkerError(
                .invalid,
                "\(path) has no function '\(name)'; `nm -D --defined-only` lists those it has")
        }
        return unsafe address
    }
}
