import WeirSDK

final class RemoteWriteReceiver: Receiver {
    init(settings: NoSettings, host: Host) {}
}
