// swift-tools-version:6.2
import PackageDescription

// Where Weir's sdk lies: ../../sdk, here as in share/weir of an installation.
let sdk =
    Context.environment["WEIR_SDK"] ?? "\(Context.packageDirectory)/../../sdk"

let package = Package(
    name: "weir-redact",
    products: [.library(name: "weir-redact", type: .dynamic, targets: ["RedactEntry"])],
    dependencies: [.package(path: sdk)],
    targets: [
        // The logic, which tests can import.
        .target(
            name: "Redact",
            dependencies: [
                .product(name: "WeirSDK", package: "sdk"),
                .product(name: "WeirTelemetry", package: "sdk"),
            ], path: "Sources"),
        // One C file that makes a plugin of it: the metadata and the exported function.
        .target(
            name: "RedactEntry", dependencies: ["Redact"], path: "Entry", publicHeadersPath: ".",
            cSettings: [.unsafeFlags(["-I", "\(sdk)/include"])],
            linkerSettings: [
                .unsafeFlags(["-Xlinker", "--version-script=\(sdk)/weir-plugin.map"])
            ]),
        .testTarget(
            name: "RedactTests",
            dependencies: [
                "Redact", .product(name: "WeirSDK", package: "sdk"),
                .product(name: "WeirTelemetry", package: "sdk"),
                .product(name: "WeirTestKit", package: "sdk"),
            ], path: "Tests"),
    ],
    swiftLanguageModes: [.v6]
)
