/// What a person wants to know of a model's file, read from the file itself.
public struct ModelDescription: Sendable, Hashable, Codable {
    public let title, architecture: String
    /// The elements of all tensors.
    public let parameters: Int
    /// What most of the weights' bytes are stored as.
    public let quantisation: String
    /// The most tokens of one conversation.
    public let context: Int?
    public let vocabulary: Int?
    public let hasChatTemplate: Bool
    public let licence: String?
    /// How many tensors there are of each type.
    public let tensors: [String: Int]

    public init(_ file: GGUFFile) {
        title = file.metadata["general.name"]?.text ?? ""
        architecture = file.architecture
        parameters = file.parameters
        quantisation = Self.quantisation(file)
        context = file.settings["max_position_embeddings"].flatMap(Int.init(setting:))
        vocabulary = file.settings["vocab_size"].flatMap(Int.init(setting:))
        hasChatTemplate = file.metadata["tokenizer.chat_template"] != nil
        licence = file.metadata["general.license"]?.text
        tensors = Dictionary(file.tensors.map { ($0.type.name, 1) }, uniquingKeysWith: +)
    }

    /// Names that llama.cpp's tools give to mixtures of types, by `general.file_type`.
    private static let mixtures = [
        0: "F32", 1: "F16", 2: "Q4_0", 3: "Q4_1", 7: "Q8_0", 8: "Q5_0", 9: "Q5_1", 10: "Q2_K", 11: "Q3_K_S",
        12: "Q3_K_M",
        13: "Q3_K_L", 14: "Q4_K_S", 15: "Q4_K_M", 16: "Q5_K_S", 17: "Q5_K_M", 18: "Q6_K", 32: "BF16",
    ]

    private static func quantisation(_ file: GGUFFile) -> String {
        if let name = file.metadata["general.file_type"]?.integer.flatMap({ mixtures[$0] }) { return name }
        let bytes = Dictionary(file.tensors.map { ($0.type.name, $0.range.count) }, uniquingKeysWith: +)
        return bytes.max { ($0.value, $0.key) < ($1.value, $1.key) }?.key ?? ""
    }
}
