import Foundation
import Testing
import WeirTestKit

extension EndToEnd {
    private struct Sent: Decodable {
        var acknowledged: [String]
        var broken: [String]
    }

    /// Two hundred reloads under load, of which some are refused: each record that was acknowledged is
    /// there once, and no client sees a connection that was refused or cut.
    @Test(.timeLimit(.minutes(5)))
    func reloadsUnderLoadLoseNothing() async throws {
        let ports = try await freePorts(4)
        let variants = ReloadVariants(ports)
        let weir = try await Weir(variants.all[0])
        let stop = "\(weir.folder.path)/stop"
        let sender = try Command(
            Build.python,
            ["\(Build.clients)/reload_load.py", "\(ports[0])", "\(ports[1])", stop]
        ).start(
            output: "\(weir.folder.path)/sent.json", errors: "\(weir.folder.path)/sender.log")
        defer { sender.kill() }
        var files: [Int] = []
        for number in 1...200 {
            // Every variant follows every other one.
            let count = variants.all.count
            let variant = variants.all[(number * 3 + number / count) % count]
            try weir.write(variant)
            let answer = await weir.get("/-/reload", method: "POST")
            let expected = variant == ReloadVariants.wrong ? 400 : 200
            #expect(answer?.status == expected, "reload \(number): \(answer?.text ?? "no answer")")
            if answer?.status != expected { break }
            if number == 20 || number == 200 {
                files.append(try await weir.value("process_open_fds"))
            }
        }
        #expect(FileManager.default.createFile(atPath: stop, contents: nil))
        #expect(await sender.ended(within: 60), "the sender hangs")
        let page = await weir.get("/metrics")?.text ?? ""
        #expect(page.contains("\nweir_config_last_reload_successful "), "\(page)")
        #expect(try await weir.stop() == 0, "\(weir.log.suffix(4000))")

        let sent = try JSONDecoder().decode(
            Sent.self, from: Data(weir.folder.read("sent.json").utf8))
        #expect(sent.broken.isEmpty, "\(sent.broken.count) broken: \(sent.broken.prefix(10))")
        #expect(sent.acknowledged.count > 500, "there was no load")
        var arrived: [String: Int] = [:]
        for name in ["a.jsonl", "b.jsonl"] {
            for match in try weir.folder.read(name).matches(of: #/"stringValue":"([hg]\d+-\d+)"/#) {
                arrived[String(match.1), default: 0] += 1
            }
        }
        let lost = sent.acknowledged.filter { arrived[$0] == nil }
        let doubled = arrived.filter { $0.value > 1 }
        #expect(
            lost.isEmpty, "lost \(lost.count) of \(sent.acknowledged.count): \(lost.prefix(10))")
        #expect(doubled.isEmpty, "twice: \(doubled.prefix(10))")
        #expect(arrived.count == sent.acknowledged.count)
        #expect(weir.items("accepted", "log record") == sent.acknowledged.count)
        #expect(weir.items("delivered", "log record") == sent.acknowledged.count, "\(weir.ledger)")
        if files.count == 2 { #expect(files[1] < files[0] + 20, "descriptors: \(files)") }
    }

    /// What is wrong is told with its places, and all goes on.
    @Test(.timeLimit(.minutes(1)))
    func aWrongConfigurationChangesNothing() async throws {
        let ports = try await freePorts(4)
        let variants = ReloadVariants(ports)
        let weir = try await Weir(variants.all[0])
        let taken = try await freePorts(1)[0]
        try weir.write(ReloadVariants.wrong)
        let answer = await weir.get("/-/reload", method: "POST")
        #expect(answer?.status == 400)
        for text in ["weir.yaml:1:", "grcp", "verbosty", "nothing was changed"] {
            #expect(answer?.text.contains(text) == true, "\(text) in \(answer?.text ?? "")")
        }
        let json = await weir.get("/-/reload", headers: ["accept: application/json"])
        #expect(json?.status == 400 && json?.text.contains(#""diagnostics""#) == true)
        weir.hangUp()
        #expect(await weir.logs("SIGHUP: the configuration stays as it was"))
        #expect(try await weir.value("weir_config_last_reload_successful") == 0)

        // An address that another process has is found out before anything is changed.
        let holder = try await Weir(
            ReloadVariants([taken, try await freePorts(1)[0], ports[2], ports[3]]).all[0])
        try weir.write(variants.all[0].replacing("\(ports[0])", with: "\(taken)"))
        let refused = await weir.get("/-/reload", method: "POST")
        #expect(refused?.status == 500 && refused?.text.contains("in use") == true)
        try await postLog("still here", port: ports[0])
        #expect(try await holder.stop() == 0)

        try weir.write(variants.all[0])
        #expect(await weir.get("/-/reload", method: "POST")?.text == "nothing has changed\n")
        #expect(try await weir.value("weir_config_last_reload_successful") == 1)
        let page = await weir.get("/-/reload", method: "POST", headers: ["origin: http://evil"])
        #expect(page?.status == 403, "web pages may not")
        #expect(weir.isRunning)
    }

    /// The command prints the plan, or does it.
    @Test(.timeLimit(.minutes(1)))
    func theCommandPlansAndReloads() async throws {
        let ports = try await freePorts(4)
        let variants = ReloadVariants(ports)
        let weir = try await Weir(variants.all[0])
        func reload(_ arguments: String...) async throws -> Command.Result {
            try await Command(
                Build.weir, ["reload", "--address", "127.0.0.1:\(weir.admin)"] + arguments
            ).run()
        }
        try weir.write(variants.all[0].replacing("info", with: "debug"))
        let plan = try await reload("--plan")
        #expect(plan.status == 0 && plan.output.contains("kept       receiver otlp\n"))
        #expect(plan.output.contains("would apply    service.telemetry.logs.level"))
        #expect(!plan.output.contains("restarted"))
        let done = try await reload()
        #expect(done.output.contains("applied    service.telemetry.logs.level"), "\(done)")
        try weir.write(variants.all[4].replacing("info", with: "debug"))
        #expect(
            try await reload("--plan").output.contains("restarted  sink file/a (flush_interval)"))
        try weir.write(ReloadVariants.wrong)
        let wrong = try await reload()
        #expect(wrong.status == 2 && wrong.errors.contains("grcp"))
        let nobody = try await Command(
            Build.weir, ["reload", "--address", "127.0.0.1:\(try await freePorts(1)[0])"]
        ).run()
        #expect(nobody.status == 1 && nobody.errors.contains("--address"))
    }

    /// A file that is written in place, and one that is swapped as those of a ConfigMap are.
    @Test(.timeLimit(.minutes(1)))
    func filesAreWatched() async throws {
        let ports = try await freePorts(4)
        let variants = ReloadVariants(ports)
        let weir = try await Weir(variants.all[0], arguments: ["--watch"])
        func count(_ result: String) async throws -> Int {
            try await weir.value("weir_config_reloads_total{result=\"\(result)\"}")
        }
        try weir.write(variants.all[4])
        #expect(await eventually(within: 10) { (try? await count("applied")) == 1 })
        // As the kubelet does it: the file is a link through ..data, which is a link to a folder, and
        // is replaced by a link to another one.
        let folder = weir.folder.path
        let links = try await Command.shell(
            """
            mkdir ..1 ..2; cp weir.yaml ..1; ln -s ..1 ..data
            ln -s ..data/weir.yaml new; mv -T new weir.yaml
            """, folder: folder)
        #expect(links.status == 0, "\(links.errors)")
        try weir.folder.write(weir.complete(variants.all[1]), to: "..2/weir.yaml")
        _ = try await Command.shell("ln -s ..2 new; mv -T new ..data", folder: folder)
        #expect(await eventually(within: 10) { (try? await count("applied")) == 2 }, "\(weir.log)")
        #expect(weir.log.contains("--watch: another configuration is in force"))
    }
}
