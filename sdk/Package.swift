// swift-tools-version:6.2
import PackageDescription

// Every target of the SDK is built with the same strict settings.
let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
    // Debug builds, and with them all tests, check at run time that no access overlaps another.
    .unsafeFlags(["-enforce-exclusivity=unchecked"], .when(configuration: .release)),
]

// The views are non-escapable types over borrowed memory, which needs `@_lifetime`.
let lifetimes: [SwiftSetting] = [.enableExperimentalFeature("Lifetimes")]

let package = Package(
    name: "weir-sdk",
    products: [
        .library(name: "WeirSDK", targets: ["WeirSDK"]),
        .library(name: "WeirTelemetry", targets: ["WeirTelemetry"]),
        .library(name: "WeirPrometheus", targets: ["WeirPrometheus"]),
        .library(name: "WeirWorker", targets: ["WeirWorker"]),
        .library(name: "WeirTestKit", targets: ["WeirTestKit"]),
        .library(name: "WeirJSON", targets: ["WeirJSON"]),
        .library(name: "CWeir", targets: ["CWeir"]),
        .library(name: "CWeirMemory", targets: ["CWeirMemory"]),
        .library(name: "CWeirProcess", targets: ["CWeirProcess"]),
    ],
    targets: [
        // The ABI: C headers, nothing to compile.
        .systemLibrary(name: "CWeir", path: "include"),
        // JSON as telemetry needs it: a pull reader and a writer, no tree unless asked for one.
        .target(name: "WeirJSON", swiftSettings: strict + lifetimes),
        // OTLP: the validating scan, views that allocate nothing, exact-size writers.
        .target(
            name: "WeirTelemetry", dependencies: ["WeirJSON"], swiftSettings: strict + lifetimes),
        // Memory that a process no longer needs once it has started.
        .target(name: "CWeirMemory"),
        // What a worker process of a plugin is made of: a loop that answers requests.
        .target(
            name: "WeirWorker", dependencies: ["CWeirMemory", "WeirJSON"], swiftSettings: strict),
        // Starting and reaping a process, in the C library's own terms.
        .target(name: "CWeirProcess"),
        // The Swift face of the ABI.
        .target(
            name: "WeirSDK",
            dependencies: ["CWeir", "CWeirProcess", "WeirJSON", "WeirTelemetry", "WeirWorker"],
            swiftSettings: strict + lifetimes),
        // Prometheus' formats: exposition in and out, and what its series are in OTLP.
        .target(
            name: "WeirPrometheus", dependencies: ["WeirJSON", "WeirSDK", "WeirTelemetry"],
            swiftSettings: strict + lifetimes),
        // A fake host and the conformance suite.
        .target(
            name: "WeirTestKit", dependencies: ["CWeir", "WeirSDK", "WeirTelemetry", "WeirJSON"],
            swiftSettings: strict),
        .testTarget(
            name: "WeirTelemetryTests", dependencies: ["WeirTelemetry", "WeirJSON"],
            exclude: ["Fixtures"], swiftSettings: strict + lifetimes),
        .testTarget(
            name: "WeirPrometheusTests",
            dependencies: [
                "WeirPrometheus", "WeirSDK", "WeirTelemetry", "WeirJSON", "WeirTestKit",
            ],
            swiftSettings: strict + lifetimes),
        // Does what it is told, crashing and hanging included.
        .executableTarget(
            name: "sdk-test-worker", dependencies: ["WeirWorker", "WeirJSON"],
            path: "Tests/TestWorker", swiftSettings: strict),
        .testTarget(
            name: "WeirSDKTests",
            dependencies: [
                "WeirSDK", "WeirTestKit", "WeirTelemetry", "WeirJSON", "CWeir", "WeirWorker",
                "sdk-test-worker",
            ],
            swiftSettings: strict),
    ],
    swiftLanguageModes: [.v6]
)
