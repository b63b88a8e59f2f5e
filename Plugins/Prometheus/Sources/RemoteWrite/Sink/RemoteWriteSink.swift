import WeirSDK

final class RemoteWriteSink: Sink {
    init(settings: NoSettings, host: Host) {}

    func deliver(_ batch: Batch, _ delivery: Delivery) -> Outcome { .delivered() }
}
