// swift-tools-version:6.2
import PackageDescription

// Every target is built with the same strict settings; only tests that drive the C tables, which are
// made of unsafe calls throughout, do without marking each.
let checked: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .treatAllWarnings(as: .error),
    // Debug builds, and with them all tests, check at run time that no access overlaps another.
    .unsafeFlags(["-enforce-exclusivity=unchecked"], .when(configuration: .release)),
]
let strict = checked + [.strictMemorySafety()]

let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let nioEmbedded = Target.Dependency.product(name: "NIOEmbedded", package: "swift-nio")
let nioConcurrency = Target.Dependency.product(
    name: "NIOConcurrencyHelpers", package: "swift-nio")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let nioHPACK = Target.Dependency.product(name: "NIOHPACK", package: "swift-nio-http2")
let nioSSL = Target.Dependency.product(name: "NIOSSL", package: "swift-nio-ssl")
let nioTLS = Target.Dependency.product(name: "NIOTLS", package: "swift-nio")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let argumentParser = Target.Dependency.product(
    name: "ArgumentParser", package: "swift-argument-parser")

func sdk(_ name: String) -> Target.Dependency { .product(name: name, package: "sdk") }

/// One plugin: the folder `Plugins/<name>`, and what it needs beside the SDK.
struct PluginRow {
    var name: String
    var libraries: [Target.Dependency] = []
    /// What the program in `Plugins/<name>/Worker` needs, which runs beside the host; `nil`: none.
    var worker: [Target.Dependency]?
    /// Files of its tests that are no Swift.
    var testFixtures: [String] = []
    /// `Plugins/<name>/TestSupport` is a library for its tests and for the end-to-end tests.
    var hasTestSupport = false

    init(
        _ name: String, libraries: [Target.Dependency] = [], worker: [Target.Dependency]? = nil,
        testFixtures: [String] = [], hasTestSupport: Bool = false
    ) {
        self.name = name
        self.libraries = libraries
        self.worker = worker
        self.testFixtures = testFixtures
        self.hasTestSupport = hasTestSupport
    }
}

// The table of plugins: adding one is a folder and a row.
let plugins: [PluginRow] = [
    PluginRow("Attributes"),
    PluginRow("Batch"),
    PluginRow("Debug"),
    PluginRow("Ffi", worker: ["CFfi"]),
    PluginRow("File"),
    PluginRow("HealthCheck"),
    PluginRow("Host", libraries: [sdk("WeirPrometheus")]),
    PluginRow("Istio", libraries: [sdk("WeirPrometheus")]),
    PluginRow("Hsm", worker: ["CPkcs11"], testFixtures: ["odd.c"]),
    PluginRow("Kafka", libraries: [.target(name: "CKafka")], hasTestSupport: true),
    PluginRow("MemoryLimiter"),
    PluginRow("Nats"),
    PluginRow("Nop"),
    PluginRow("Otlp"),
    PluginRow("Postgresql", libraries: [.target(name: "CPQ")]),
    PluginRow("Probe"),
    PluginRow("Prometheus", libraries: [sdk("WeirPrometheus")]),
    PluginRow("Redis"),
    PluginRow("Vault", libraries: [sdk("WeirPrometheus")]),
]

extension PluginRow {
    /// `PrometheusRemoteWrite` is `weir-prometheus-remote-write`, `OTLP` is `weir-otlp`.
    var productName: String {
        let letters = Array(name)
        var result = "weir-"
        for (index, letter) in letters.enumerated() {
            let startsWord =
                index > 0 && letter.isUppercase
                && (letters[index - 1].isLowercase
                    || (index + 1 < letters.count && letters[index + 1].isLowercase))
            result += (startsWord ? "-" : "") + letter.lowercased()
        }
        return result
    }

    /// `lib<productName>.so`, which exports weir_plugin_main and nothing else, and the worker.
    var products: [Product] {
        [.library(name: productName, type: .dynamic, targets: ["\(name)Entry"])]
            + (worker == nil ? [] : [.executable(name: workerName, targets: [workerName])])
    }

    var workerName: String { "\(productName)-worker" }

    /// The logic as a plain module, the entry file that makes a plugin of it, and the tests.
    var targets: [Target] {
        let modules = [sdk("WeirSDK"), sdk("WeirTelemetry"), sdk("WeirJSON")] + libraries
        let map = "\(Context.packageDirectory)/sdk/weir-plugin.map"
        let worker = self.worker.map { libraries in
            Target.executableTarget(
                name: workerName, dependencies: [sdk("WeirWorker"), sdk("WeirJSON")] + libraries,
                path: "Plugins/\(name)/Worker", swiftSettings: strict)
        }
        return [
            .target(
                name: "\(name)Plugin", dependencies: modules, path: "Plugins/\(name)/Sources",
                swiftSettings: strict),
            .target(
                name: "\(name)Entry", dependencies: [.target(name: "\(name)Plugin")],
                path: "Plugins/\(name)/Entry", publicHeadersPath: ".",
                cSettings: [.headerSearchPath("../../../sdk/include")],
                linkerSettings: [.unsafeFlags(["-Xlinker", "--version-script=\(map)"])]),
            .testTarget(
                name: "\(name)PluginTests",
                dependencies: [.target(name: "\(name)Plugin"), sdk("WeirTestKit")] + modules
                    + (worker == nil ? [] : [.target(name: workerName)]) + testSupport,
                path: "Plugins/\(name)/Tests", exclude: testFixtures, swiftSettings: strict),
        ] + (worker.map { [$0] } ?? [])
            + (hasTestSupport
                ? [
                    .target(
                        name: testSupportName, dependencies: libraries,
                        path: "Plugins/\(name)/TestSupport", swiftSettings: strict,
                        // What a library calls there in place of the C library's.
                        linkerSettings: [
                            .unsafeFlags([
                                "-Xlinker", "--export-dynamic-symbol=thrd_create", "-Xlinker",
                                "--export-dynamic-symbol=thrd_join",
                            ])
                        ])
                ] : [])
    }

    var testSupportName: String { "\(name)TestSupport" }
    var testSupport: [Target.Dependency] {
        hasTestSupport ? [.target(name: testSupportName)] : []
    }
}

let package = Package(
    name: "weir",
    products: plugins.flatMap(\.products),
    dependencies: [
        .package(path: "sdk"),
        .package(url: "https://github.com/apple/swift-nio.git", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-http2.git", from: "1.46.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl.git", from: "2.37.6"),
        .package(url: "https://github.com/apple/swift-log.git", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-argument-parser.git", from: "1.8.2"),
    ],
    targets: [
        .systemLibrary(name: "CYAML", path: "Sources/CYAML", providers: [.apt(["libyaml-dev"])]),
        .systemLibrary(name: "CZstd", path: "Sources/CZstd", providers: [.apt(["libzstd-dev"])]),
        .systemLibrary(
            name: "CDeflate", path: "Sources/CDeflate", providers: [.apt(["libdeflate-dev"])]),
        .systemLibrary(
            name: "CPQ", path: "Plugins/Postgresql/CPQ", providers: [.apt(["libpq-dev"])]),
        .systemLibrary(
            name: "CSnappy", path: "Sources/CSnappy", providers: [.apt(["libsnappy-dev"])]),
        .systemLibrary(
            name: "CKafka", path: "Plugins/Kafka/CKafka", providers: [.apt(["librdkafka-dev"])]),
        .systemLibrary(
            name: "CFfi", path: "Plugins/Ffi/CFfi", providers: [.apt(["libffi-dev"])]),
        // PKCS#11's structures; its functions are a vendor's, found at run time.
        .systemLibrary(
            name: "CPkcs11", path: "Plugins/Hsm/CPkcs11", providers: [.apt(["libp11-kit-dev"])]),
        .target(
            name: "WeirConfig", dependencies: ["CYAML", sdk("WeirJSON")], swiftSettings: strict),
        .target(
            name: "WeirNet",
            dependencies: [
                "CZstd", "CDeflate", "CSnappy", nioCore, nioPosix, nioHTTP1, nioHPACK, nioSSL,
                nioTLS, logging,
            ],
            swiftSettings: strict),
        .systemLibrary(
            name: "CSQLite", path: "Sources/CSQLite", providers: [.apt(["libsqlite3-dev"])]),
        .target(
            name: "WeirStorage", dependencies: ["CSQLite", "CWeirSystem", "WeirSystem", nioCore],
            swiftSettings: strict),
        .systemLibrary(name: "CMD", path: "Sources/CMD", providers: [.apt(["libmd-dev"])]),
        .target(
            name: "CWeirSystem", path: "Sources/CWeirSystem",
            linkerSettings: [.linkedLibrary("resolv")]),
        .target(
            name: "WeirSystem", dependencies: [sdk("CWeirProcess")], swiftSettings: strict),
        // RE2, which speaks C++ alone, for C. Needs libre2-dev.
        .target(
            name: "CRegex", path: "Sources/CRegex",
            linkerSettings: [.linkedLibrary("re2"), .linkedLibrary("stdc++")]),
        .target(
            name: "WeirRuntime",
            dependencies: [
                "CMD", "CRegex", "CWeirSystem", "WeirConfig", "WeirNet", "WeirStorage",
                "WeirSystem", sdk("CWeir"), sdk("WeirJSON"), sdk("WeirTelemetry"), nioCore,
                nioPosix, nioConcurrency, logging,
            ],
            swiftSettings: strict),
        .target(
            name: "WeirCommand",
            dependencies: [
                "CWeirSystem", "WeirConfig", "WeirNet", "WeirRuntime", "WeirStorage", "WeirSystem",
                sdk("CWeirMemory"), sdk("WeirJSON"), sdk("WeirTelemetry"), nioCore, nioPosix,
                logging, argumentParser,
            ],
            swiftSettings: strict),
        .executableTarget(
            name: "weir", dependencies: ["WeirCommand", argumentParser], swiftSettings: strict),
        .testTarget(name: "ArchitectureTests", swiftSettings: checked),
        .testTarget(
            name: "WeirConfigTests", dependencies: ["WeirConfig", sdk("WeirJSON")],
            exclude: ["Golden"], swiftSettings: strict),
        .testTarget(
            name: "WeirRuntimeTests",
            dependencies: [
                "WeirRuntime", "WeirConfig", "WeirStorage", sdk("CWeir"), sdk("WeirJSON"),
                sdk("WeirTelemetry"), sdk("WeirTestKit"), nioCore, nioPosix, logging,
            ],
            swiftSettings: checked),
        .testTarget(
            name: "WeirCommandTests",
            dependencies: [
                "WeirCommand", "WeirConfig", "WeirNet", "WeirRuntime", sdk("WeirJSON"), logging,
            ],
            swiftSettings: strict),
        .testTarget(
            name: "WeirStorageTests",
            dependencies: [
                "WeirStorage", "CSQLite", "CWeirSystem", "weir-storage-victim", nioCore,
            ],
            swiftSettings: checked),
        // What the tests of storage kill.
        .executableTarget(
            name: "weir-storage-victim", dependencies: ["WeirStorage", nioCore],
            path: "Tests/StorageVictim", swiftSettings: strict),
        .testTarget(
            name: "WeirNetTests",
            dependencies: [
                "WeirNet", sdk("WeirTestKit"), nioCore, nioPosix, nioEmbedded, nioHTTP1, nioHPACK,
                nioSSL,
            ],
            swiftSettings: strict),
        .testTarget(
            name: "EndToEnd",
            dependencies: [sdk("WeirTestKit"), nioCore, nioPosix] + plugins.flatMap(\.testSupport),
            path: "Tests/EndToEnd",
            exclude: ["Clients", "Plugins", "requirements.txt"], swiftSettings: strict),
        .executableTarget(
            name: "weir-bench",
            dependencies: [
                "WeirNet", sdk("WeirTelemetry"), sdk("WeirPrometheus"), nioCore, nioPosix,
                argumentParser,
            ],
            path: "Tests/Bench", swiftSettings: strict),
    ] + plugins.flatMap(\.targets),
    swiftLanguageModes: [.v6]
)

// WEIR_ONLY=Batch,Nop builds and tests these plugins alone, without the host:
//     WEIR_ONLY=Batch swift test --filter BatchPluginTests
if let names = Context.environment["WEIR_ONLY"]?.split(separator: ",").map(String.init) {
    let chosen = plugins.filter { names.contains($0.name) }
    package.products = chosen.flatMap(\.products)
    package.targets = package.targets.filter { $0.type == .system } + chosen.flatMap(\.targets)
}
