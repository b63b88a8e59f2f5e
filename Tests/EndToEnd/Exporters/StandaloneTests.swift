import Foundation
import Testing
import WeirTestKit

extension EndToEnd {
    /// `weir exporter NAME` with an exporter that has every kind of point.
    @Test(.timeLimit(.minutes(1))) func anExporterAloneServesItsPage() async throws {
        let folder = try await builtPlugin("shop")
        let shop = try await MetricsServer.weir(
            "shop", ["--endpoint", "${env:SHOP}"],
            environment: ["WEIR_PLUGIN_PATH": folder.path, "SHOP": "shop:1"])
        let page = try await shop.get("/metrics")
        #expect(page.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8")
        #expect(
            page.text.hasPrefix(
                #"""
                # HELP shop_basket Of the shop.
                # TYPE shop_basket histogram
                shop_basket_bucket{item="a \"b\"\\c",le="0.5"} 1
                shop_basket_bucket{item="a \"b\"\\c",le="2.5"} 3
                shop_basket_bucket{item="a \"b\"\\c",le="1e+06"} 3
                shop_basket_bucket{item="a \"b\"\\c",le="+Inf"} 4
                shop_basket_sum{item="a \"b\"\\c"} 1000004.5
                shop_basket_count{item="a \"b\"\\c"} 4
                # HELP shop_info Of the shop.
                # TYPE shop_info gauge
                shop_info{module="none",target="shop:1"} 1
                # HELP shop_mood Of the shop.
                # TYPE shop_mood untyped
                shop_mood -3
                # HELP shop_sales Of the shop.
                # TYPE shop_sales counter
                shop_sales{item="a \"b\"\\c"} 12.5
                # HELP shop_up Of the shop.
                # TYPE shop_up gauge
                shop_up 1
                # HELP shop_wait Of the shop.
                # TYPE shop_wait summary
                shop_wait{quantile="0.5"} 0.25
                shop_wait{quantile="0.99"} 7
                shop_wait_sum 21
                shop_wait_count 9

                """#), "\(page.text)")
        #expect(try Exposition(page.text).value("weir_build_info") == 1)
        let packed = try await shop.get("/metrics", headers: ["Accept-Encoding: gzip"])
        #expect(packed.headers["content-encoding"] == "gzip" && packed.text.contains("shop_up 1"))
        #expect(try await shop.get("/-/healthy").status == 200)
        let links = try await shop.get("/")
        #expect(links.text.contains("/probe?target=") && links.text.contains("Reads no shop."))
        let nowhere = try await shop.get("/nowhere")
        #expect(nowhere.status == 404 && nowhere.text.contains("/metrics"))
        #expect(try await shop.stop() == 0, "\(shop.log)")
    }

    @Test(.timeLimit(.minutes(1))) func aFailedCollectionIsAPage() async throws {
        let folder = try await builtPlugin("shop")
        let shop = try await MetricsServer.weir(
            "shop", ["--endpoint", "fail"], environment: ["WEIR_PLUGIN_PATH": folder.path])
        let page = try await shop.metrics()
        #expect(page.value("shop_up") == 0 && page["shop_sales"] == nil)
        #expect(page.value("weir_exporter_errors_total", ["reason": "retry"]) == 1)
        #expect(shop.log.contains("the shop is closed"), "\(shop.log)")
    }

    /// A plugin that hangs costs an answer, not the process.
    @Test(.timeLimit(.minutes(1))) func aHangingCollectionIsNamed() async throws {
        let folder = try await builtPlugin("shop")
        let shop = try await MetricsServer.weir(
            "shop", ["--endpoint", "hang"], environment: ["WEIR_PLUGIN_PATH": folder.path])
        let started = ContinuousClock.now
        let answer = try await shop.get(
            "/metrics", headers: ["X-Prometheus-Scrape-Timeout-Seconds: 1"])
        #expect(answer.status == 503 && answer.text.contains("plugin test.shop"), "\(answer)")
        #expect(ContinuousClock.now - started < .seconds(2))
        #expect(try await shop.get("/-/healthy").status == 200)
        #expect(shop.log.contains("misbehaves: collect() of exporter shop"), "\(shop.log)")
    }

    /// Without an endpoint of its own it does what each request says.
    @Test(.timeLimit(.minutes(1))) func eachProbeNamesItsTarget() async throws {
        let folder = try await builtPlugin("shop")
        let shop = try await MetricsServer.weir(
            "shop", ["--set", "labels.site=x"],
            environment: ["WEIR_PLUGIN_PATH": folder.path, "SECRET": "hunter2"])
        for (query, target, module) in [
            ("target=a:1", "a:1", "none"), ("module=m%20n&target=b:2", "b:2", "m n"),
            ("target=a:1", "a:1", "none"),
        ] {
            let page = try await shop.metrics("/probe?\(query)")
            #expect(
                page.value("shop_info", ["target": target, "module": module, "site": "x"]) == 1)
        }
        let failed = try await shop.get("/probe?target=fail&debug=true")
        #expect(failed.status == 200 && failed.text.contains("\nshop_up{site=\"x\"} 0\n"))
        #expect(failed.text.contains("# the collection failed: the shop is closed"))
        for (query, expected) in [
            ("", "target is missing"), ("target=a&colour=red", "expected target, module"),
        ] {
            let refused = try await shop.get("/probe?\(query)")
            #expect(refused.status == 400 && refused.text.contains(expected), "\(refused)")
        }
        // A second target that fails: the errors of all are one series.
        _ = try await shop.get("/probe?target=fail&module=other")
        // Strangers may not read the environment.
        let literal = try await shop.get("/probe?target=$%7Benv:SECRET%7D")
        #expect(literal.text.contains("target=\"${env:SECRET}\""), "\(literal)")
        let own = try await shop.metrics()
        #expect(own["shop_up"] == nil && own.value("weir_build_info") == 1)
        #expect(
            own.value("weir_exporter_errors_total", ["exporter": "shop", "reason": "retry"]) == 2)
    }

    /// The password of the settings is for the targets that they name, and for nobody else's.
    @Test(.timeLimit(.minutes(1))) func aStrangersTargetGetsNoPassword() async throws {
        let folder = try await builtPlugin("shop")
        let shop = try await MetricsServer.weir(
            "shop",
            [
                "--endpoint", "own:1", "--set", "password=${env:SECRET}", "--set",
                "known=[other:2]",
            ], environment: ["WEIR_PLUGIN_PATH": folder.path, "SECRET": "hunter2"])
        for target in ["own:1", "other:2"] {
            let page = try await shop.metrics("/probe?target=\(target)")
            #expect(page.value("shop_info", ["target": target]) == 1)
        }
        for target in ["evil:1", "own:2", "user@own:1", "own:1?x"] {
            let refused = try await shop.get("/probe?target=\(target)")
            #expect(refused.status == 403 && !refused.text.contains("hunter2"), "\(refused)")
            #expect(
                refused.text.contains("--set 'known=") && refused.text.contains("only for targets"),
                "\(refused)")
        }
    }

    /// TLS and users as Prometheus' exporters have them, and OpenMetrics for those who ask for it.
    @Test(.timeLimit(.minutes(1))) func aWebConfigGuardsThePage() async throws {
        let folder = try await builtPlugin("shop")
        let made = try await Command(
            "/usr/bin/openssl",
            [
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
                "-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext",
                "subjectAltName=DNS:localhost", "-keyout", folder.path("key.pem"), "-out",
                folder.path("cert.pem"),
            ]
        ).run()
        #expect(made.status == 0, "\(made)")
        let web = """
            tls_server_config: {cert_file: cert.pem, key_file: key.pem}
            http_server_config: {headers: {X-Frame-Options: deny}}
            basic_auth_users:
              alice: $2y$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW
            """
        let shop = try await MetricsServer.weir(
            "shop",
            ["--endpoint", "shop:1", "--web.config.file", try folder.write(web, to: "web.yml")],
            environment: ["WEIR_PLUGIN_PATH": folder.path])
        func curl(_ path: String, _ more: String...) async throws -> String {
            try await Command(
                "/usr/bin/curl",
                ["-s", "-i", "--cacert", folder.path("cert.pem")] + more
                    + ["https://localhost:\(shop.port)\(path)"]
            ).run().output
        }
        for path in ["/metrics", "/-/healthy", "/", "/probe?target=a"] {
            let refused = try await curl(path)
            #expect(refused.contains(" 401") && refused.contains("www-authenticate: Basic"))
            #expect(!refused.contains("shop_up"))
            #expect(try await curl(path, "-u", "alice:wrong").contains(" 401"))
            let page = try await curl(path, "-u", "alice:secret")
            #expect(page.contains(" 200") && page.contains("x-frame-options: deny"), "\(page)")
        }
        let accept = "Accept: application/openmetrics-text;version=1.0.0;q=0.6,text/plain;q=0.3"
        for path in ["/metrics", "/probe?target=a"] {
            let page = try await curl(path, "-u", "alice:secret", "-H", accept)
            #expect(page.contains("content-type: application/openmetrics-text"), "\(page)")
            #expect(page.contains("# TYPE shop_sales unknown\n") && page.contains("shop_up 1\n"))
            #expect(page.hasSuffix("\n# EOF\n") && page.split(separator: "# EOF").count == 2)
        }
        let plain = try await shop.get("/metrics")
        #expect(plain.status == 400 && !plain.text.contains("shop_up"), "\(plain)")
        #expect(shop.log.contains("https://127.0.0.1"), "\(shop.log)")
    }

    /// What the command line gets wrong, and what it says then.
    @Test(
        .timeLimit(.minutes(1)),
        arguments: [
            (["shup"], Int32(64), "there is no exporter shup; did you mean shop?"),
            ([], 64, "which exporter? there are shop"),
            (["shop", "--set", "endpoint"], 64, "expected key=value"),
            (["shop", "--listen", "nowhere"], 64, "has no port"),
            (
                ["shop", "--endpoint", "a", "--set", "colour=red"], 2,
                "unknown key 'colour'"
            ),
            (["shop", "--endpoint", "${env:NO_SUCH}"], 2, "NO_SUCH is not set"),
            (["shop", "--endpoint", "a", "--endpoint", "b"], 2, "watches one endpoint"),
            (
                ["shop", "--endpoint", "a", "--web.config.file", "/nowhere.yml"], 2,
                "cannot read /nowhere.yml"
            ),
            (
                ["shop", "--set", "password=x", "--config-file", "/nowhere.yaml"], 64,
                "cannot read the settings /nowhere.yaml"
            ),
            (
                ["shop", "--endpoint", "a", "--set", "password=hunter2", "--set", "colour=red"], 2,
                "--set password has a secret in clear"
            ),
            (
                ["shop", "--endpoint", "shop://u:hunter2@a", "--set", "colour=red"], 2,
                "--endpoint has a secret in clear"
            ),
        ])
    func theCommandLineOfAnExporterIsChecked(
        _ arguments: [String], _ status: Int32, _ expected: String
    ) async throws {
        let folder = try await builtPlugin("shop")
        let result = try await Command(
            Build.weir, ["exporter"] + arguments, environment: ["WEIR_PLUGIN_PATH": folder.path]
        ).run()
        #expect(result.status == status, "\(result)")
        #expect(result.errors.contains(expected), "\(result.errors)")
        #expect(!result.errors.contains("hunter2"))
        // An endpoint may hold a password, which does not make every endpoint one.
        #expect(
            result.errors.contains("--endpoint has a secret")
                == arguments.contains { $0.contains("hunter2@") })
    }

    @Test(.timeLimit(.minutes(1))) func exportersAreListedAndExplained() async throws {
        let folder = try await builtPlugin("shop")
        let environment = ["WEIR_PLUGIN_PATH": folder.path]
        let list = try await Command(
            Build.weir, ["exporter", "--list"], environment: environment
        ).run()
        #expect(list.status == 0 && list.output.contains("shop  127.0.0.1:9"), "\(list)")
        let help = try await Command(
            Build.weir, ["exporter", "shop", "--help"], environment: environment
        ).run()
        for text in [
            "Reads no shop.", "--config-file", "&module=... gives the setting module",
            "A password.",
            "timeout", "/probe?target=...",
        ] {
            #expect(help.output.contains(text), "\(help.output)")
        }
    }
}
