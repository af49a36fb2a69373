import Checkpoints
import Foundation
import Tensors
import TestSupport
import Testing

/// Matrices in panels, which models of one file share.
@Suite struct PackedTests {
    private func matrix(seed: UInt64) -> Tensor {
        var random = SplitMix(seed: seed)
        return Tensor(random.floats(70 * 64), shape: [70, 64])
    }

    private func file(_ folder: URL, _ matrix: Tensor) throws -> SafetensorsFile {
        let path = folder.appending(path: "model.safetensors").path
        var writer = SafetensorsWriter()
        try writer.add("w", matrix)
        try writer.add("b", Tensor([1, 2] as [Float], shape: [2]))
        try writer.write(to: path)
        return try SafetensorsFile(path: path)
    }

    private func inFolder(_ body: (URL) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "yuyan-tests-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try body(folder)
    }

    @Test func aFileOpenedTwiceIsPackedOnce() throws {
        try inFolder { folder in
            let first = try file(folder, matrix(seed: 1)), second = try SafetensorsFile(path: first.path)
            let a = try #require(try Packed(first).tensor("w", nil))
            let b = try #require(try Packed(second).tensor("w", nil))
            #expect(a.isPacked && a.isHeld(with: b) && b.shape == [70, 64] && b.dtype == .float32)
            #expect(b.scalars == matrix(seed: 1).scalars)
            // What was packed is given back, and is there again for who reads it.
            #expect(try first.tensor("w", nil)?.scalars == a.scalars)
        }
    }

    @Test func aFileInPlaceOfAnotherIsPackedAnew() throws {
        try inFolder { folder in
            for seed in 1...20 as ClosedRange<UInt64> {
                let packed = try #require(try Packed(file(folder, matrix(seed: seed))).tensor("w", nil))
                #expect(packed.scalars == matrix(seed: seed).scalars)
            }
        }
    }

    @Test func tensorsOfNoFileAreCopied() throws {
        let weights = ["w": matrix(seed: 1), "b": Tensor([1, 2] as [Float], shape: [2])]
        let a = try #require(try Packed(weights).tensor("w", nil))
        let b = try #require(try Packed(weights).tensor("w", nil))
        #expect(!a.isHeld(with: b) && a.scalars == b.scalars)
        #expect(try Packed(weights).tensor("b", nil)?.scalars == [1, 2] && Packed(weights).tensor("c", nil) == nil)
    }
}
