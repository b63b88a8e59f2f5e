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
        .library(name: "WeirTestKit", targets: ["WeirTestKit"]),
        .library(name: "WeirJSON", targets: ["WeirJSON"]),
        .library(name: "CWeir", targets: ["CWeir"]),
    ],
    targets: [
        // The ABI: C headers, nothing to compile.
        .systemLibrary(name: "CWeir", path: "include"),
        // JSON as telemetry needs it: a pull reader and a writer, no tree unless asked for one.
        .target(name: "WeirJSON", swiftSettings: strict + lifetimes),
        // OTLP: the validating scan, views that allocate nothing, exact-size writers.
        .target(
            name: "WeirTelemetry", dependencies: ["WeirJSON"], swiftSettings: strict + lifetimes),
        // The Swift face of the ABI.
        .target(
            name: "WeirSDK", dependencies: ["CWeir", "WeirJSON", "WeirTelemetry"],
            swiftSettings: strict + lifetimes),
        // Prometheus' formats: exposition in and out, and what its series are in OTLP.
        .target(
            name: "WeirPrometheus", dependencies: ["WeirJSON", "WeirTelemetry"],
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
            dependencies: ["WeirPrometheus", "WeirTelemetry", "WeirJSON"],
            swiftSettings: strict + lifetimes),
        .testTarget(
            name: "WeirSDKTests",
            dependencies: ["WeirSDK", "WeirTestKit", "WeirTelemetry", "WeirJSON", "CWeir"],
            swiftSettings: strict),
    ],
    swiftLanguageModes: [.v6]
)
