import Bundles
import Foundation
import Inference
import TestSupport
import Testing
import Text

/// Real encoders as `yuyan pull` keeps them, against the reference library's arithmetic in float32.
@Suite struct RealVectorTests {
    struct Encoder: CustomTestStringConvertible {
        let name, file: String, path: String
        var testDescription: String { name }
    }

    static let here: [Encoder] = [
        ("all-minilm-l6-v2", "all-MiniLM-L6-v2.safetensors"), ("multilingual-e5-small", "e5-small-q4.bin"),
    ].compactMap { name, file in RealModels.path(file).map { Encoder(name: name, file: file, path: $0) } }

    @Test(.enabled(if: !here.isEmpty, "no encoders are here"), arguments: here)
    func vectorsPointWhereTheReferencesDo(encoder: Encoder) async throws {
        let url = Golden.folder.appending(path: "Models/vectors-\(encoder.name).json")
        let examples = JSONField(try JSON(parsing: Data(contentsOf: url)))
        let engine = VectorEngine(try VectorModel.open(path: encoder.path, name: encoder.name)), model = engine.model
        let inputs = try examples.elements.map { VectorInput(model.tokens(try $0["text"].string)) }
        let vectors = try await engine.vectors(inputs)
        try #require(vectors.count == inputs.count)
        for (index, example) in try examples.elements.enumerated() {
            #expect(try inputs[index].tokens.count == example["tokens"].integer)
            let expected = try example["vector"].elements.map { try $0.double }
            let cosine = zip(vectors[index], expected).reduce(0) { $0 + Double($1.0) * $1.1 }
            #expect(cosine > 0.999, "\(example["text"].value?.string ?? "")")
        }
    }
}
