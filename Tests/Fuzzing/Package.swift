// swift-tools-version:6.2
import PackageDescription

// To be built with `-Xswiftc -sanitize=fuzzer -Xswiftc -use-ld=lld`, which links libFuzzer and makes all modules report
// which branches were taken.
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
    ],
    swiftLanguageModes: [.v6]
)
