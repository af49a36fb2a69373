extension GGUFArchitecture {
    /// State spaces, whose files have rates where networks have the logarithms of rates (``LoggedRates``), and some vectors as
    /// matrices.
    static let stateSpaces = ["mamba2": mamba2]

    private static let mamba2 = GGUFArchitecture(
        modelType: "mamba2",
        names: [
            "token_embd": "backbone.embeddings",
            "output_norm": "backbone.norm_f",
            "output": "lm_head",
            "blk.*.attn_norm": "backbone.layers.*.norm",
            "blk.*.ssm_in": "backbone.layers.*.mixer.in_proj",
            "blk.*.ssm_conv1d": "backbone.layers.*.mixer.conv1d",
            "blk.*.ssm_dt.bias": "backbone.layers.*.mixer.dt_bias",
            "blk.*.ssm_a": "backbone.layers.*.mixer.A_log",
            "blk.*.ssm_d": "backbone.layers.*.mixer.D",
            "blk.*.ssm_norm": "backbone.layers.*.mixer.norm",
            "blk.*.ssm_out": "backbone.layers.*.mixer.out_proj",
        ],
        rotates: false,
        keys: [
            "ssm.conv_kernel": "conv_kernel", "ssm.state_size": "state_size", "ssm.time_step_rank": "num_heads",
            "ssm.group_count": "n_groups", "attention.layer_norm_rms_epsilon": "layer_norm_epsilon",
        ],
        unused: [
            "feed_forward_length", "attention.head_count", "attention.head_count_kv", "attention.key_length",
            "attention.value_length", "attention.layer_norm_epsilon",
        ],
        reshaped: { name, shape in
            if name.hasSuffix(".conv1d.weight"), shape.count == 2 { return [shape[0], 1, shape[1]] }
            let isVector = [".A_log", ".D", ".mixer.norm.weight"].contains(where: name.hasSuffix)
            return isVector ? [shape.reduce(1, *)] : shape
        },
        finish: { settings, file in
            let heads = try settings.positive("num_heads"), prefix = "backbone.layers.0.mixer."
            guard let width = file.value("ssm.inner_size").flatMap(Int.init(setting:)), width > 0, width % heads == 0
            else {
                let found = "\(file.value("ssm.inner_size") ?? .null)"
                let expected = "a multiple of the \(heads) heads"
                throw CheckpointError.setting(key: "mamba2.ssm.inner_size", value: found, expected: expected)
            }
            settings["head_dim"] = .integer(width / heads)
            settings["n_groups"] = settings["n_groups"] ?? 1
            settings["use_conv_bias"] = .bool(file.tensors[prefix + "conv1d.bias"] != nil)
            settings["use_bias"] = .bool(file.tensors[prefix + "in_proj.bias"] != nil)
        }
    )
}
