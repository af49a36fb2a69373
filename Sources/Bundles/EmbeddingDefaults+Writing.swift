import Text

/// The files of `sentence-transformers`, written.
extension EmbeddingDefaults {
    /// - Parameter width: of a vector.
    /// - Returns: the files' places in a folder, and their texts.
    func files(width: Int) -> [(name: String, text: String)] {
        var steps = [("", "Transformer"), ("1_Pooling", "Pooling")]
        if isNormalized { steps.append(("2_Normalize", "Normalize")) }
        let modules = steps.enumerated().map { index, step in
            [
                "idx": .integer(index), "name": "\(index)", "path": .string(step.0),
                "type": "sentence_transformers.models.\(step.1)",
            ] as JSON
        }
        let files = [("modules.json", JSON.array(modules)), ("1_Pooling/config.json", poolingModes(width))]
        let limits = mostTokens.map { ["max_seq_length": .integer($0), "do_lower_case": false] as JSON }
        return (files + [limits.map { ("sentence_bert_config.json", $0) }].compactMap { $0 })
            .map { ($0.0, $0.1.text(.pretty)) }
    }

    private func poolingModes(_ width: Int) -> JSON {
        [
            "word_embedding_dimension": .integer(width), "pooling_mode_cls_token": .bool(pooling == .first),
            "pooling_mode_mean_tokens": .bool(pooling == .mean), "pooling_mode_max_tokens": false,
            "pooling_mode_mean_sqrt_len_tokens": false, "pooling_mode_weightedmean_tokens": false,
            "pooling_mode_lasttoken": .bool(pooling == .last),
        ]
    }
}
