// swift-tools-version:6.2
import PackageDescription

/// Language features every target shares: written-out existentials and imports that stay internal unless said
/// otherwise.
let house: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
]

/// Instructions that every x86-64 processor since 2009 has (x86-64-v2): counting bits, multiplying and comparing lanes of
/// 32 bits. Without them counting a window costs three times as much.
#if arch(x86_64)
    let processor: [SwiftSetting] = [.unsafeFlags(["-Xcc", "-msse4.2", "-Xcc", "-mpopcnt"])]
#else
    let processor: [SwiftSetting] = []
#endif

/// The engine is optimised in debug builds too: oracle tests run millions of kernel calls.
///
/// Dynamic exclusivity checks, which find two overlapping accesses to a property of a class, are left to debug builds, in
/// which all tests run.
let engine: [SwiftSetting] =
    house + processor + [
        .unsafeFlags(["-O"], .when(configuration: .debug)),
        .unsafeFlags(["-enforce-exclusivity=unchecked"], .when(configuration: .release)),
    ]

let package = Package(
    name: "quire",
    products: [
        .executable(name: "quire", targets: ["quire"]),
        .executable(name: "quire-shop", targets: ["quire-shop"]),
        // Unstable: these are products only so that Benchmarks/ and Tests/Fuzzing/ can reach them.
        .library(name: "Kernels", targets: ["Kernels"]),
        .library(name: "Storage", targets: ["Storage"]),
        .library(name: "Analyzer", targets: ["Analyzer"]),
        .library(name: "Segments", targets: ["Segments"]),
        .library(name: "Searching", targets: ["Searching"]),
        .library(name: "Indexer", targets: ["Indexer"]),
        .library(name: "Catalog", targets: ["Catalog"]),
        .library(name: "TestSupport", targets: ["TestSupport"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-configuration", from: "1.4.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl.git", from: "2.37.6"),
        .package(url: "https://github.com/apple/swift-nio-extras.git", from: "1.35.2"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle.git", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
        .package(url: "https://github.com/vapor/jwt-kit", from: "5.7.1"),
    ],
    targets: [
        .target(name: "CIntrinsics"),
        .target(name: "Kernels", dependencies: ["CIntrinsics"], swiftSettings: engine),
        .target(name: "CCodecs", linkerSettings: [.linkedLibrary("z"), .linkedLibrary("lz4")]),
        .target(
            name: "CICU",
            linkerSettings: [.linkedLibrary("icui18n"), .linkedLibrary("icuuc"), .linkedLibrary("icudata")]
        ),
        .target(name: "CStemmer", linkerSettings: [.linkedLibrary("stemmer")]),
        .target(name: "Storage", dependencies: ["Kernels", "CCodecs"], swiftSettings: engine),
        .target(name: "Analyzer", dependencies: ["Kernels", "CICU", "CStemmer"], swiftSettings: engine),
        .target(name: "Segments", dependencies: ["Kernels", "Storage", "Analyzer"], swiftSettings: engine),
        .target(
            name: "Searching", dependencies: ["Segments", "Kernels", "Storage", "Analyzer"], swiftSettings: engine),
        .target(name: "Indexer", dependencies: ["Segments", "Kernels", "Storage", "Analyzer"], swiftSettings: engine),
        .target(
            name: "Catalog",
            dependencies: [
                "Searching", "Indexer", "Segments", "Analyzer", "Storage", "Kernels",
                .product(name: "Crypto", package: "swift-crypto"),
            ],
            swiftSettings: house),
        // The scripts and styles that the search page and the shop's storefront share.
        .target(
            name: "PageResources",
            resources: [
                .embedInCode("app.css"), .embedInCode("suggest.css"), .embedInCode("api.js"),
                .embedInCode("combobox.js"), .embedInCode("dom.js"), .embedInCode("facets.js"),
                .embedInCode("filters.js"), .embedInCode("i18n.js"), .embedInCode("recent.js"),
                .embedInCode("results.js"), .embedInCode("search.js"), .embedInCode("suggest.js"),
                .embedInCode("typing.js"), .embedInCode("url.js"),
            ],
            swiftSettings: house
        ),
        .target(
            name: "SearchServer",
            dependencies: [
                "Catalog", "Storage", "PageResources",
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
                .product(name: "NIOHTTPTypesHTTP1", package: "swift-nio-extras"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            resources: [
                "index.html", "app.js", "reference.html", "reference.css", "reference.js", "tune.html", "tune.css",
                "tune.js", "tune-compare.js", "tune-editor.js",
                "tune-history.js", "tune-judged.js", "tune-messages.js", "tune-places.js", "tune-reports.js",
                "tune-session.js",
            ].map { .embedInCode("Page/" + $0) } + [.embedInCode("API/openapi.json")],
            swiftSettings: house
        ),
        .executableTarget(
            name: "quire",
            dependencies: [
                "SearchServer", "Catalog", "Searching", "Indexer", "Segments", "Analyzer", "Storage", "Kernels",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Configuration", package: "swift-configuration"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: house
        ),
        // A client to copy into other programs, and what its tests run.
        .target(
            name: "QuireClient", dependencies: [.product(name: "Crypto", package: "swift-crypto")],
            path: "Examples/Clients/swift", exclude: ["Driver"], swiftSettings: house),
        .executableTarget(
            name: "client-driver", dependencies: ["QuireClient"], path: "Examples/Clients/swift/Driver",
            swiftSettings: house),
        // The pages of the shop.
        .target(
            name: "Storefront", dependencies: ["PageResources"],
            resources: ["storefront.html", "forms.css", "shop.css"].map { .embedInCode($0) }
                + [
                    "account", "addresses", "cart", "checkout", "detail", "entry", "events", "flash", "forms", "goods",
                    "home",
                    "list",
                    "messages", "order", "orders", "rest", "searchbox", "searching", "session", "storefront",
                ].map { .embedInCode($0 + ".js") },
            swiftSettings: house
        ),
        // The shop: `quire` compiles nothing of it, and it nothing of the engine.
        .systemLibrary(name: "CHiredis", providers: [.apt(["libhiredis-dev"])]),
        .target(
            name: "Shop",
            dependencies: [
                "CHiredis", "PageResources", "Storefront",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Configuration", package: "swift-configuration"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "CryptoExtras", package: "swift-crypto"),
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "JWTKit", package: "jwt-kit"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "SystemPackage", package: "swift-system"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            resources: [.embedInCode("HTTP/openapi.json")],
            swiftSettings: house
        ),
        .executableTarget(
            name: "quire-shop",
            dependencies: [
                "Shop",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
            ],
            swiftSettings: house
        ),
        // Without package access: what it compiles against is the public interface.
        .executableTarget(
            name: "Examples", dependencies: ["Catalog", "Searching", "Indexer", "Segments", "Analyzer", "Storage"],
            path: "Examples", exclude: ["Clients"], packageAccess: false, swiftSettings: house
        ),
        .target(
            name: "TestSupport", dependencies: ["Searching", "Indexer", "Segments", "Analyzer", "Storage", "Kernels"],
            path: "Tests/TestSupport",
            swiftSettings: engine
        ),
        .testTarget(name: "KernelsTests", dependencies: ["Kernels", "TestSupport"], swiftSettings: house),
        .testTarget(name: "StorageTests", dependencies: ["Storage", "Kernels", "TestSupport"], swiftSettings: house),
        .testTarget(
            name: "AnalyzerTests", dependencies: ["Analyzer", "Kernels", "TestSupport"], swiftSettings: house),
        .testTarget(
            name: "SegmentsTests",
            dependencies: ["Segments", "Indexer", "Analyzer", "Storage", "Kernels", "TestSupport"], swiftSettings: house
        ),
        .testTarget(
            name: "SearchingTests",
            dependencies: ["Searching", "Segments", "Indexer", "Analyzer", "Storage", "Kernels", "TestSupport"],
            swiftSettings: house),
        .testTarget(
            name: "IndexerTests",
            dependencies: ["Indexer", "Searching", "Segments", "Analyzer", "Storage", "Kernels", "TestSupport"],
            swiftSettings: house),
        .testTarget(
            name: "CatalogTests",
            dependencies: ["Catalog", "Searching", "Indexer", "Segments", "Storage", "Kernels", "TestSupport"],
            swiftSettings: house),
        .testTarget(
            name: "SearchServerTests",
            dependencies: [
                "SearchServer", "Catalog", "Searching", "Indexer", "Segments", "Storage", "TestSupport",
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdTesting", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOEmbedded", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
            ],
            swiftSettings: house
        ),
        .testTarget(name: "QuireTests", dependencies: ["quire"], swiftSettings: house),
        // A worker that fails now and then, for tests that kill it.
        .executableTarget(
            name: "shop-job-worker", dependencies: ["Shop", .product(name: "Logging", package: "swift-log")],
            path: "Tests/ShopJobWorker", swiftSettings: house
        ),
        .testTarget(
            name: "ShopTests",
            dependencies: [
                "Shop", "Storefront", "quire", "shop-job-worker",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdTesting", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOEmbedded", package: "swift-nio"),
            ],
            swiftSettings: house
        ),
    ],
    swiftLanguageModes: [.v6],
    cxxLanguageStandard: .cxx17
)
