import Glibc
import WeirPrometheus
import WeirSDK

/// Metrics that others left in files, `*.prom` in one folder.
struct TextfileCollector: Collector {
    let name = "textfile"
    private let folder: String
    private let reader = FileReader()
    private let log: SparseLog

    init(_ settings: HostExporterSettings, _ host: Host) {
        folder = settings.textfile.directory
        log = SparseLog(host)
    }

    func collect(_ files: HostFiles, into metrics: inout Metrics) throws(CollectorFailure) {
        var fault: CollectorFailure?
        var families: [ReadFamily] = []
        var places: [String: Int] = [:]
        // Two files that say the same series would make one too many of it.
        var seen: Set<ReadSeries> = []
        for file in Folder.names(folder) where file.hasSuffix(".prom") {
            let path = "\(folder)/\(file)"
            do throws(CollectorFailure) {
                for family in try read(path) {
                    let place = places[family.name] ?? families.count
                    if place == families.count {
                        places[family.name] = place
                        families.append(
                            ReadFamily(
                                family.name, family.type, help: family.help, unit: family.unit))
                    }
                    guard families[place].type == family.type else {
                        throw .failed(
                            "\(path): \(family.name) is a \(family.type), and a "
                                + "\(families[place].type) in another file")
                    }
                    for point in family.points
                    where seen.insert(ReadSeries(name: family.name, labels: point.labels)).inserted
                    {
                        families[place].points.append(point)
                    }
                }
                modified(path, &metrics)
            } catch {
                fault = error
            }
        }
        for family in families { metrics.add(family) }
        metrics.gauge(
            "node_textfile_scrape_error", help: "1: a file could not be read.",
            fault == nil ? 0 : 1)
        if let fault { log.warn("textfile: \(fault.message)") }
    }

    private struct ReadSeries: Hashable {
        var name: String
        var labels: Labels
    }

    private func read(_ path: String) throws(CollectorFailure) -> [ReadFamily] {
        let bytes = try reader.read(path).all
        do throws(ExpositionError) {
            let read = try readFamilies(bytes, contentType: "text/plain; version=0.0.4")
            if let first = read.firstFault { throw first }
            return read.families
        } catch {
            throw .failed("\(path): \(error)")
        }
    }

    /// In whole seconds, as the counterpart has it.
    private func modified(_ path: String, _ metrics: inout Metrics) {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { return }
        metrics.gauge(
            "node_textfile_mtime_seconds", help: "When a file was changed, in Unix time.",
            Double(status.st_mtim.tv_sec), .one("file", path))
    }
}
