import CWeir
public import WeirTelemetry

extension Host {
    /// For how long a batch that `emit` threw `retry` for is to be held and emitted again before its
    /// sender is told to come back, where whoever wrote the configuration wants senders to wait;
    /// otherwise zero: as the component itself likes.
    public func patience(_ signal: Signal) -> Duration {
        guard let api = unsafe find(WEIR_EXT_ROOM, weir_room.self) else { return .zero }
        return unsafe Duration(nanosecondCount: api.pointee.patience(table, signal.rawValue))
    }
}
