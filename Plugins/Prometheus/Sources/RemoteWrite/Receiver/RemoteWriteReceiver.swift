import Synchronization
import WeirSDK

/// Takes remote write 1.0 and 2.0 and answers when everything downstream has taken it, or when the
/// host says what became of it.
final class RemoteWriteReceiver: Receiver {
    private let settings: RemoteWriteReceiverSettings
    private let host: Host
    private let server: HTTPServer
    private let listener = Mutex<Listener?>(nil)

    init(settings: RemoteWriteReceiverSettings, host: Host) throws(ComponentError) {
        guard let server = host.httpServer else {
            throw .unsupported(
                "this host has no weir.http-server/1, which receives remote write: use a newer host"
            )
        }
        self.settings = settings
        self.host = host
        self.server = server
    }

    func start(deadline: Deadline) throws(ComponentError) {
        let handler = WriteHandler(host, path: settings.path)
        let opened = try server.listen(settings.server, .http) { exchange, request in
            handler.answer(exchange, request)
        }
        listener.withLock { $0 = opened }
        host.log(.debug, "takes remote write on \(settings.endpoint), port \(opened.port)")
    }

    func stop(deadline: Deadline) throws(ComponentError) {
        listener.withLock { $0.take() }?.close(deadline: deadline)
    }
}
