import CWeir

/// Levels of a log line. The last two assign blame, and are counted.
public enum LogLevel: UInt32, Sendable, CaseIterable {
    case trace = 0
    case debug = 1
    case info = 2
    case warning = 3
    case error = 4
    case hostMisbehaving = 5
    case pluginMisbehaving = 6
}

extension Host {
    /// Writes one log line: a sentence. The host adds time, component and plugin. The message is
    /// not even made if lines of this level are not written.
    public func log(_ level: LogLevel, _ message: @autoclosure () -> String) {
        guard unsafe table.pointee.log_enabled(table, level.rawValue) else { return }
        unsafe withSlice(message()) { unsafe table.pointee.log(table, level.rawValue, $0) }
    }
}
