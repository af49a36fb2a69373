// swift-tools-version:6.2
import Foundation
import PackageDescription

let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
]

/// A library, what it may import, and its tests. The plan is STYLE § 3; `ArchitectureTests` holds it.
struct Room {
    var name: String
    var rooms: [String] = []
    var products: [Target.Dependency] = []
    var testing: [Target.Dependency] = []
    var resources: [Resource] = []

    var targets: [Target] {
        [
            .target(
                name: name,
                dependencies: rooms.map { .byName(name: $0) } + products,
                resources: resources,
                swiftSettings: strict
            ),
            .testTarget(
                name: name + "Tests",
                dependencies: ([name, "TestSupport"] + rooms).map { .byName(name: $0) } + testing,
                swiftSettings: strict
            ),
        ]
    }
}

let arguments = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let http = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let httpTesting = Target.Dependency.product(name: "HummingbirdTesting", package: "hummingbird")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let log = Target.Dependency.product(name: "Logging", package: "swift-log")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")

let plan = [
    Room(name: "Tensors", rooms: ["CKernels"]),
    Room(name: "Checkpoints", rooms: ["Tensors"], products: [crypto]),
    Room(name: "Text"),
    Room(name: "Models", rooms: ["Tensors", "Checkpoints"]),
    Room(name: "Bundles", rooms: ["Tensors", "Checkpoints", "Text"]),
    Room(name: "Training", rooms: ["Tensors", "Checkpoints", "Models", "Text", "Bundles"]),
    Room(name: "Grammars", rooms: ["Text"]),
    Room(name: "Inference", rooms: ["Tensors", "Checkpoints", "Models", "Text", "Bundles", "Grammars"]),
    Room(name: "Store", products: [crypto, grdb]),
    Room(
        name: "Server",
        rooms: ["Inference", "Grammars", "Checkpoints", "Store", "Text"],
        products: [http, lifecycle, log],
        testing: [httpTesting],
        resources: [.copy("Console")]
    ),
]

/// `ROOMS=Text,Models swift test` builds and tests those rooms and what lies beneath them, nothing else;
/// `ROOMS=Architecture` builds no room at all and tests the house rules.
let wanted = ProcessInfo.processInfo.environment["ROOMS"].map { Set($0.split(separator: ",").map(String.init)) }

func beneath(_ names: Set<String>) -> Set<String> {
    let below = names.union(plan.filter { names.contains($0.name) }.flatMap(\.rooms))
    return below == names ? names : beneath(below)
}

let chosen = wanted.map { names in plan.filter { beneath(names.union(["Tensors"])).contains($0.name) } } ?? plan
let chosenTests = wanted.map { names in Set(names.map { $0 + "Tests" }) }

let package = Package(
    name: "yuyan",
    platforms: [.macOS(.v15)],
    products: [.executable(name: "yuyan", targets: ["yuyan"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        .target(name: "CKernels", cSettings: [.unsafeFlags(["-O3"])]),  // even in debug, or tests crawl
        .target(name: "TestSupport", dependencies: ["Tensors"], swiftSettings: strict),
    ]
        + chosen.flatMap(\.targets).filter { target in
            guard target.type == .test, let chosenTests else { return true }
            return chosenTests.contains(target.name)
        }
)

let architecture = Target.testTarget(name: "ArchitectureTests", swiftSettings: strict)

if wanted == ["Architecture"] {
    package.targets = [architecture]
    package.products = []
    package.dependencies = []
} else if wanted == nil {
    package.targets += [
        .executableTarget(
            name: "yuyan",
            dependencies: [
                "Server", "Store", "Training", "Inference", "Bundles", "Checkpoints", "Models", "Tensors", "Text",
                arguments,
                log, yams,
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "CommandTests",
            dependencies: ["yuyan", "Server", "Training", "Inference", "Checkpoints", "Text"],
            swiftSettings: strict
        ),
        architecture,
    ]
} else {
    package.products = []
    package.dependencies.removeAll { dependency in
        guard case .sourceControl(_, let url, _) = dependency.kind else { return false }
        let name = url.split(separator: "/").last.map(String.init) ?? url
        return !chosen.contains { room in
            (room.products + room.testing).contains {
                if case .productItem(_, let package, _, _) = $0 { return package == name }
                return false
            }
        }
    }
}

// DocC is a tool for `make docs` only; ordinary builds neither fetch nor build it.
if ProcessInfo.processInfo.environment["DOCS"] != nil {
    package.dependencies.append(.package(url: "https://github.com/swiftlang/swift-docc-plugin", from: "1.5.0"))
}
