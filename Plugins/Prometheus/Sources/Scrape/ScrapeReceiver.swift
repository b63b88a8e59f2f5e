import WeirSDK

final class ScrapeReceiver: Receiver {
    init(settings: NoSettings, host: Host) {}
}
