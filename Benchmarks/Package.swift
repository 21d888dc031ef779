// swift-tools-version:6.2
import PackageDescription

let package = Package(
    name: "quire-benchmarks",
    dependencies: [.package(name: "quire", path: "..")],
    targets: [
        .executableTarget(
            name: "PeerDriver",
            dependencies: [
                .product(name: "Searching", package: "quire"), .product(name: "Indexer", package: "quire"),
                .product(name: "Segments", package: "quire"), .product(name: "Analyzer", package: "quire"),
                .product(name: "Storage", package: "quire"),
            ]
        ),
        .executableTarget(
            name: "ColumnDriver",
            dependencies: [
                .product(name: "Searching", package: "quire"), .product(name: "Indexer", package: "quire"),
                .product(name: "Segments", package: "quire"), .product(name: "Storage", package: "quire"),
            ]),
        .executableTarget(name: "AnalysisSpeed", dependencies: [.product(name: "Analyzer", package: "quire")]),
        .executableTarget(
            name: "HotLoops",
            dependencies: [
                .product(name: "Kernels", package: "quire"), .product(name: "Segments", package: "quire"),
                .product(name: "Searching", package: "quire"), .product(name: "Indexer", package: "quire"),
                .product(name: "Analyzer", package: "quire"), .product(name: "TestSupport", package: "quire"),
            ]
        ),
    ],
    swiftLanguageModes: [.v6]
)
