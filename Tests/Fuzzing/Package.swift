// swift-tools-version:6.2
import PackageDescription

// To be built with `-Xswiftc -sanitize=fuzzer -Xswiftc -use-ld=lld -Xswiftc -enable-testing`: the first two link
// libFuzzer and make all modules report which branches were taken, the last opens the readers of files to the targets.
let package = Package(
    name: "quire-fuzzing",
    dependencies: [.package(name: "quire", path: "../..")],
    targets: [
        .target(name: "CFuzzer"),
        .executableTarget(
            name: "FuzzAnalyzer", dependencies: ["CFuzzer", .product(name: "Analyzer", package: "quire")]),
        .executableTarget(
            name: "FuzzQuery",
            dependencies: [
                "CFuzzer", .product(name: "Catalog", package: "quire"), .product(name: "Indexer", package: "quire"),
            ]),
        .executableTarget(
            name: "FuzzFilter",
            dependencies: [
                "CFuzzer", .product(name: "Catalog", package: "quire"), .product(name: "Indexer", package: "quire"),
            ]),
        .executableTarget(
            name: "FuzzHighlighter", dependencies: ["CFuzzer", .product(name: "Indexer", package: "quire")]),
        .target(
            name: "FuzzShop",
            dependencies: [
                .product(name: "Indexer", package: "quire"), .product(name: "Kernels", package: "quire"),
                .product(name: "OracleSupport", package: "quire"), .product(name: "Storage", package: "quire"),
            ]),
        .executableTarget(name: "FuzzSegment", dependencies: ["CFuzzer", "FuzzShop"]),
        .executableTarget(name: "FuzzLog", dependencies: ["CFuzzer", "FuzzShop"]),
        .executableTarget(name: "FuzzManifest", dependencies: ["CFuzzer", "FuzzShop"]),
    ],
    swiftLanguageModes: [.v6]
)
