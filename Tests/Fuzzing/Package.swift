// swift-tools-version:6.2
import PackageDescription

// Build with `-Xswiftc -sanitize=fuzzer -Xswiftc -use-ld=lld -Xswiftc -enable-testing`: the first two link libFuzzer
// and make all modules report the branches they take, the last gives the targets access to internal readers of files.
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
                .product(name: "Searching", package: "quire"), .product(name: "Segments", package: "quire"),
            ]),
        .executableTarget(
            name: "FuzzFilter",
            dependencies: [
                "CFuzzer", .product(name: "Catalog", package: "quire"), .product(name: "Indexer", package: "quire"),
                .product(name: "Searching", package: "quire"), .product(name: "Segments", package: "quire"),
            ]),
        .executableTarget(
            name: "FuzzHighlighter",
            dependencies: [
                "CFuzzer", .product(name: "Searching", package: "quire"), .product(name: "Segments", package: "quire"),
                .product(name: "Indexer", package: "quire"),
            ]),
        .target(
            name: "FuzzSupport",
            dependencies: [
                .product(name: "Indexer", package: "quire"), .product(name: "Kernels", package: "quire"),
                .product(name: "Segments", package: "quire"), .product(name: "Searching", package: "quire"),
                .product(name: "TestSupport", package: "quire"), .product(name: "Storage", package: "quire"),
            ]),
        .executableTarget(name: "FuzzSegment", dependencies: ["CFuzzer", "FuzzSupport"]),
        .executableTarget(name: "FuzzLog", dependencies: ["CFuzzer", "FuzzSupport"]),
        .executableTarget(name: "FuzzManifest", dependencies: ["CFuzzer", "FuzzSupport"]),
    ],
    swiftLanguageModes: [.v6]
)
