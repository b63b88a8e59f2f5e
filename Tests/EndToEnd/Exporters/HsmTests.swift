import Foundation
import Testing
import WeirTestKit

extension EndToEnd {
    /// A real token: everything that dashboards and rules name is there, the PIN is nowhere, and a
    /// worker that is killed comes back.
    @Test(.timeLimit(.minutes(3))) func hsmOfSoftHSM() async throws {
        let hsm = try await TestToken()
        let weir = try await PagedWeir(
            """
              hsm:
                module: /usr/lib/softhsm/libsofthsm2.so
                environment: {SOFTHSM2_CONF: "\(hsm.configuration)"}
                token: weir
                pin_file: "\(hsm.folder.path)/pin"
                interval: 500ms
                initial_delay: 0s
                probe: [{key: rsa}, {key: rsa, mechanism: rsa_pss}, {key: ec}, {key: aes}]
              hsm/qsign:
                module: /usr/lib/softhsm/libsofthsm2.so
                environment: {SOFTHSM2_CONF: "\(hsm.configuration)"}
                namespace: qsign
                token: weir
                pin_file: "\(hsm.folder.path)/pin"
                interval: 500ms
                initial_delay: 0s
                probe: [{key: ec}]
            """, ids: "hsm, hsm/qsign")
        let page = try await weir.page {
            $0.value("hsm_sign_duration_seconds_count", ["mechanism": "ecdsa"]) ?? 0 >= 2
                && $0.value("qsign_hsm_sign_duration_seconds_count", ["key": "ec"]) ?? 0 >= 2
        }
        #expect(page.value("hsm_up", ["token": "weir"]) == 1)
        #expect(page.value("qsign_hsm_connections_active", ["token": "weir"]) == 1)
        #expect(page["qsign_hsm_connections_active"]?.type == "gauge")
        #expect(page["qsign_hsm_sign_duration_seconds"]?.type == "histogram")
        #expect(page["qsign_hsm_errors_total"]?.type == "counter")
        for mechanism in ["rsa_pkcs", "rsa_pss", "ecdsa", "aes_gcm"] {
            #expect(page.value("hsm_probe_success", ["mechanism": mechanism]) == 1, "\(mechanism)")
        }
        let end = try #require(
            page.value("hsm_certificate_expiry_timestamp_seconds", ["label": "signing"]))
        #expect(abs(end - Date.now.timeIntervalSince1970 - 30 * 86400) < 900)
        // SoftHSM does not tell its sessions; the module of the next test does.
        let names = try metricNames(inShared: "hsm", prefixes: ["hsm_", "qsign_hsm_"])
        for name in names.subtracting(["hsm_sessions"]) {
            #expect(page.has(name), "\(name) is in share and not on the page")
        }
        // The PIN is in no log, argument or variable, of weir or of the worker.
        let workers = try await Command.shell(
            """
            for p in /proc/[0-9]*; do
              [ "$(cat $p/comm 2>/dev/null)" = weir-hsm-worker ] || continue
              if tr '\\0' '\\n' <$p/environ | grep -q '\(hsm.configuration)'; then echo ${p#/proc/}; fi
            done
            """)
        let ids = workers.output.split(separator: "\n").compactMap { Int32($0) }
        #expect(ids.count == 2, "\(workers.output)")
        for id in ids {
            for file in ["cmdline", "environ"] {
                let text = try String(contentsOfFile: "/proc/\(id)/\(file)", encoding: .utf8)
                #expect(!text.contains(hsm.pin))
            }
            kill(id, SIGKILL)
        }
        _ = try await weir.page {
            $0.value("hsm_worker_starts_total") ?? 0 >= 2 && $0.value("hsm_up") == 1
        }
        #expect(await weir.weir.logs("was ended by SIGKILL"))
        #expect(!weir.weir.log.contains(hsm.pin))
        #expect(try await weir.weir.stop() == 0)
        for id in ids { #expect(kill(id, 0) == -1) }
    }

    /// A module that hangs is 0 and not absent, its name is in the log, and the other exporters go on.
    @Test(.timeLimit(.minutes(3))) func hsmThatHangsAndCrashes() async throws {
        let folder = try TemporaryFolder()
        let build = try await Command.shell(
            "cc -shared -fPIC -o odd.so '\(Build.root)/Plugins/Hsm/Tests/odd.c'",
            folder: folder.path)
        try #require(build.status == 0, "\(build.errors)")
        try folder.write("well", to: "mood")
        let weir = try await PagedWeir(
            """
              hsm:
                module: "\(folder.path)/odd.so"
                environment: {ODD_MOOD: "\(folder.path)/mood"}
                interval: 500ms
                timeout: 1s
                initial_delay: 0s
              ffi:
                interval: 200ms
                initial_delay: 0s
                library: libc.so.6
                calls:
                  - {function: getpid, returns: int, metrics: [{name: worker_process, value: return}]}
            """, ids: "hsm, ffi")
        let well = try await weir.page {
            $0.value("hsm_connections_active") == 1 && $0.value("worker_process") != nil
        }
        let process = well.value("worker_process")
        try folder.write("numbers", to: "mood")
        _ = try await weir.page { $0.value("hsm_sessions", ["state": "ro"]) == 2 }
        for (mood, message) in [
            ("hang", "during C_GetTokenInfo; it was killed"),
            ("crash", "weir-hsm-worker was ended by SIGSEGV during C_GetTokenInfo"),
            ("removed", "CKR_DEVICE_REMOVED"),
        ] {
            try folder.write(mood, to: "mood")
            let page = try await weir.page { $0.value("hsm_connections_active") == 0 }
            #expect(page.value("hsm_up") == 0 && page.value("hsm_token_up") == 0)
            #expect(await weir.weir.logs(message), "\(mood)\n\(weir.weir.log)")
            #expect(page.value("worker_process") == process, "the other worker is the same")
            try folder.write("well", to: "mood")
            _ = try await weir.page { $0.value("hsm_connections_active") == 1 }
        }
        #expect(try await weir.weir.stop() == 0)
    }

    @Test(.timeLimit(.minutes(2))) func hsmAlone() async throws {
        let hsm = try await TestToken()
        let server = try await MetricsServer.weir(
            "hsm", ["--endpoint", "/usr/lib/softhsm/libsofthsm2.so"],
            environment: ["SOFTHSM2_CONF": hsm.configuration])
        let page = try await server.metrics()
        #expect(page.value("hsm_up") == 1)
        #expect(page.value("hsm_token_info", ["token": "weir"]) == 1)
    }
}

/// A token of SoftHSM with a key of each kind and a certificate.
private final class TestToken {
    let folder: TemporaryFolder
    let pin = "very-secret-4711"
    var configuration: String { "\(folder.path)/softhsm2.conf" }

    init() async throws {
        folder = try TemporaryFolder()
        try folder.write("\(pin)\n", to: "pin")
        try folder.write(
            "directories.tokendir = \(folder.path)/tokens\nobjectstore.backend = file\n",
            to: "softhsm2.conf")
        let result = try await Command.shell(
            """
            mkdir tokens
            softhsm2-util --init-token --free --label weir --so-pin so-secret --pin \(pin)
            tool="pkcs11-tool --module /usr/lib/softhsm/libsofthsm2.so --token-label weir --login --pin \(pin)"
            $tool --keypairgen --key-type rsa:2048 --label rsa --id 01
            $tool --keypairgen --key-type EC:prime256v1 --label ec --id 02
            $tool --keygen --key-type AES:32 --label aes --id 03
            openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout key.pem \
              -outform DER -out certificate.der -days 30 -subj /CN=signing.example
            $tool --write-object certificate.der --type cert --label signing --id 07
            """, folder: folder.path, environment: ["SOFTHSM2_CONF": configuration])
        guard result.status == 0 else { throw Failure("SoftHSM: \(result.output)\(result.errors)") }
    }
}
