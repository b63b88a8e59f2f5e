import Logging
import WeirJSON

/// Calls one exporter's collect() every interval.
package final class ExporterSchedule: Sendable {
    init(_ instance: ComponentInstance, settings: JSONValue) {}
    func start() {}
    func stop() {}
}
