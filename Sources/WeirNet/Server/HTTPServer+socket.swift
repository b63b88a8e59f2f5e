import Glibc
import NIOCore
import NIOPosix

extension HTTPServer {
    /// A socket file that nobody listens on is left over from a crash; one that answers is not ours.
    func checkStaleSocket(on loop: any EventLoop) -> EventLoopFuture<Void> {
        guard case .unix(let path) = options.endpoint else { return loop.makeSucceededVoidFuture() }
        return ClientBootstrap(group: loop).connect(unixDomainSocketPath: path).flatMapThrowing {
            $0.close(promise: nil)
            throw NetError(
                .bindFailed,
                "cannot listen on unix:\(path): another process listens there; choose another path or stop it"
            )
        }.flatMapErrorThrowing { error in
            if error is NetError { throw error }
        }
    }

    static func bindError(_ error: any Error, _ endpoint: Endpoint) -> NetError {
        if let error = error as? NetError { return error }
        let advice: String
        switch (error as? IOError)?.errnoCode {
        case EADDRINUSE:
            advice = "the address is in use: stop the other process or change the endpoint"
        case EACCES: advice = "permission denied: choose a port above 1023 or grant the capability"
        case EADDRNOTAVAIL: advice = "this machine has no such address: use 0.0.0.0 or its own"
        case ENOENT: advice = "the directory does not exist: create it"
        default: advice = "\(error)"
        }
        return NetError(.bindFailed, "cannot listen on \(endpoint): \(advice)")
    }
}
