/// Why a request to a ``WorkerProcess`` has no answer.
public enum WorkerFailure: Error, Sendable, Equatable {
    /// The program could not be started.
    case start(String)
    /// No answer by the deadline; the program was killed. `during` is its last note, if it gave one.
    case timeout(String)
    /// The program ended: by a signal, which `message` names, or by itself.
    case died(String)
    /// The last failure is too recent. The message has that failure and the time that is left.
    case waiting(String)
    /// The program lives and says that it could not do it.
    case answered(ComponentError)
    /// The component is stopping, or the call was cancelled.
    case cancelled(String)

    /// The same for the host.
    public var componentError: ComponentError {
        switch self {
        case .start(let message), .died(let message), .waiting(let message): .retry(message)
        case .timeout(let message): .timeout(message)
        case .answered(let error): error
        case .cancelled(let message): .cancelled(message)
        }
    }
}
