import WeirJSON
import WeirWorker

/// The calls into a vendor's PKCS#11 module, which may hang or crash: one request of the plugin is
/// one look at the module and its tokens.
func run() -> Never {
    var watch: TokenWatch?
    Worker.serve { request throws(WorkerError) in
        if watch == nil { watch = try TokenWatch(request) }
        return watch!.look(request)
    }
}

run()
