import WeirSDK

final class ExpositionSink: Sink {
    init(settings: NoSettings, host: Host) {}

    func deliver(_ batch: Batch, _ delivery: Delivery) -> Outcome { .delivered() }
}
