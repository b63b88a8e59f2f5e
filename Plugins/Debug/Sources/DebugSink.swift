package import WeirSDK
import WeirTelemetry
import Synchronization

/// Prints what it gets, to the host's log or to standard output.
///
/// Every line of the text becomes a log line of its own, so that it can be read in any form that
/// the log has.
package final class DebugSink: Sink {
    private let settings: DebugSettings
    private let host: Host
    private let output: StandardOutput
    private let samplers: Mutex<[Signal: Sampler]>

    package convenience init(settings: DebugSettings, host: Host) {
        self.init(settings: settings, host: host, output: StandardOutput(descriptor: 1))
    }

    init(settings: DebugSettings, host: Host, output: StandardOutput) {
        self.settings = settings
        self.host = host
        self.output = output
        let sampler = Sampler(
            initial: settings.samplingInitial, thereafter: settings.samplingThereafter)
        samplers = Mutex(Dictionary(uniqueKeysWithValues: Signal.allCases.map { ($0, sampler) }))
    }

    package func deliver(_ batch: Batch, _ delivery: Delivery) -> Outcome {
        let now = host.monotonic
        let isAdmitted = samplers.withLock { $0[batch.signal]?.admits(at: now) ?? true }
        guard isAdmitted else { return .delivered() }
        if settings.useInternalLogger {
            log(batch)
            return .delivered()
        }
        let text = DebugText(batch, settings.verbosity).bytes
        if let reason = output.write(text) {
            return .retry(message: "cannot write to standard output: \(reason)")
        }
        return .delivered()
    }

    private func log(_ batch: Batch) {
        // The autoclosure runs only if lines of this level are written: nothing is rendered in vain.
        var text: DebugText?
        host.log(.info, firstLine(of: batch, &text))
        guard let text else { return }
        for line in text.lines.dropFirst() {
            host.log(.info, String(decoding: line, as: UTF8.self))
        }
    }

    private func firstLine(of batch: Batch, _ text: inout DebugText?) -> String {
        let rendered = DebugText(batch, settings.verbosity)
        text = rendered
        return String(decoding: rendered.lines.first ?? [], as: UTF8.self)
    }
}
