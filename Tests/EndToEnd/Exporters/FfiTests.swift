import Foundation
import Testing
import WeirTestKit

extension EndToEnd {
    /// The two configurations of examples/exporter-ffi, run as they stand.
    @Test(.timeLimit(.minutes(2))) func exporterWithoutCode() async throws {
        let folder = try TemporaryFolder()
        let source = "\(Build.root)/examples/exporter-ffi"
        let make = try await Command.shell(
            "cp '\(source)'/* . && make CC=cc", folder: folder.path)
        try #require(make.status == 0, "\(make.errors)")
        #expect(!make.errors.contains("warning"), "\(make.errors)")
        let page = try await run(
            folder.read("station.yaml").replacing(
                "./libstation.so", with: "\(folder.path)/libstation.so")
        ) {
            $0.value("station_ffi_up") == 1
        }
        #expect(page.value("station_temperature_celsius", ["sensor": "hall"]) == 21.5)
        #expect(page.value("station_temperature_celsius", ["sensor": "roof"]) == -4.25)
        #expect(
            page["station_temperature_celsius"]?.samples.count == 2, "of eight, two are filled in")
        #expect(page.value("station_humidity_ratio", ["sensor": "roof"]) == 0.871)
        #expect(
            page.value("station_packets_total", ["sensor": "roof", "quality": "bad"]) == 15)
        #expect(page["station_packets_total"]?.type == "counter")
        #expect(page.value("station_uptime_seconds") == 86400)

        let loads = try await run(folder.read("loadavg.yaml")) { $0.value("ffi_up") == 1 }
        let text = try String(contentsOfFile: "/proc/loadavg", encoding: .utf8)
        let expected = text.split(separator: " ").compactMap { Double($0) }
        for (window, load) in zip(["1m", "5m", "15m"], expected) {
            let found = try #require(loads.value("load_average", ["window": window]))
            #expect(abs(found - load) < 3, "\(window)")
        }
    }

    private func run(
        _ text: String, _ isRight: (Exposition) -> Bool
    ) async throws -> Exposition {
        let start = try #require(text.range(of: "  ffi:\n"))
        let end = try #require(text.range(of: "sinks:\n"))
        let exporter = text[start.lowerBound..<end.lowerBound]
            .replacing("interval: 5s", with: "interval: 1s\n    initial_delay: 0s")
        let weir = try await PagedWeir(String(exporter), ids: "ffi")
        let page = try await weir.page(isRight)
        #expect(try await weir.weir.stop() == 0, "\(weir.weir.log)")
        return page
    }

    /// A signature that is wrong keeps weir from starting, and says what is wrong.
    @Test(.timeLimit(.minutes(1))) func exporterWithoutCodeChecksSignatures() async throws {
        let weir = try await Weir(
            """
            exporters:
              ffi: {library: libc.so.6, calls: [{function: getloadaverage, returns: int}]}
            sinks: {debug: {}}
            service:
              pipelines:
                metrics: {exporters: [ffi], sinks: [debug]}
            """, waits: false)
        #expect(try await weir.end() != 0)
        #expect(weir.log.contains("libc.so.6 has no function 'getloadaverage'"), "\(weir.log)")
    }
}
