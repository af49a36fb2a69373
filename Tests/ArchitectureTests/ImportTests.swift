import Testing

/// The floor plan: what each room may import. SwiftPM does not enforce it, so this does.
let plan: [String: Set<String>] = [
    "Tensors": rooms("CKernels").union(system).union(["Synchronization"]),
    "Checkpoints": rooms("Tensors").union(system).union(["Crypto", "FoundationNetworking", "Synchronization"]),
    "Text": ["Foundation", "Synchronization"],
    "Models": rooms("Tensors", "Checkpoints").union(["Synchronization"]),
    "Bundles": rooms("Tensors", "Checkpoints", "Text").union(["Foundation"]),
    "Training": rooms("Tensors", "Checkpoints", "Models", "Text", "Bundles").union(system).union([
        "Dispatch", "Synchronization",
    ]),
    "Grammars": rooms("Text").union(["Foundation", "Synchronization"]),
    "Inference": rooms("Tensors", "Checkpoints", "Models", "Text", "Bundles", "Grammars").union(system).union([
        "Dispatch", "Synchronization",
    ]),
    "Store": system.union(["Crypto", "GRDB", "Synchronization"]),
    "Server": rooms("Inference", "Grammars", "Checkpoints", "Store", "Text").union(web).union([
        "Foundation", "Logging", "ServiceLifecycle", "Synchronization", "UnixSignals",
    ]),
    "yuyan": rooms(
        "Server",
        "Training",
        "Inference",
        "Bundles",
        "Checkpoints",
        "Models",
        "Store",
        "Tensors",
        "Text"
    ).union(system).union([
        "ArgumentParser", "Dispatch", "Logging", "Synchronization", "Yams",
    ]),
    "TestSupport": rooms("Tensors", "CKernels").union(["Foundation", "Synchronization", "Testing"]),
]

let system: Set<String> = ["Foundation", "Glibc", "Musl", "Darwin"]

/// Hummingbird and what its API is made of.
let web: Set<String> = [
    "Hummingbird", "HummingbirdCore", "HTTPTypes", "NIOCore", "NIOHTTP1", "NIOHTTPTypes", "NIOHTTPTypesHTTP1",
    "NIOPosix", "NIOConcurrencyHelpers", "NIOFoundationCompat",
]

func rooms(_ names: String...) -> Set<String> { Set(names) }

@Suite struct Imports {
    @Test(arguments: House.folders(in: "Sources").filter { $0 != "CKernels" })
    func everyRoomHasAPlan(room: String) {
        #expect(plan[room] != nil, "Sources/\(room) is not in the plan of ImportTests.swift")
    }

    @Test(arguments: plan.keys.sorted())
    func onlyWhatThePlanAllows(room: String) {
        for file in House.files(in: "Sources/\(room)", suffixes: [".swift"]) {
            for line in file.code.matches(
                of: /(?m)^\s*(?:@\w+ )*(?:\w+ )?import (?:(?:struct|class|enum|protocol|func|let|var|typealias) )?(\w+)/
            ) {
                #expect(plan[room]?.contains(String(line.1)) == true, "\(file.path) imports \(line.1)")
            }
        }
    }

    @Test(arguments: House.files(in: "Sources/CKernels/kernels") + House.files(in: "Sources/CKernels/isa"))
    func kernelsNeitherAllocateNorLockNorPrint(file: House.File) {
        let banned = /\b(?:malloc|calloc|realloc|free|printf|fprintf|pthread_\w+|abort|exit)\s*\(/
        for call in file.code.matches(of: banned) { Issue.record("\(file.path) calls \(call.output)") }
    }

    @Test(arguments: House.files(in: "Sources", suffixes: [".swift"]) + House.files(in: "Tests", suffixes: [".swift"]))
    func nobodyReachesBehindADoor(file: House.File) {
        #expect(!file.code.contains("@" + "testable"), "\(file.path): use package access")
    }
}
