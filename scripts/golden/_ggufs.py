"""A network of Tests/Golden/Models on its way into a GGUF file; ggufs.py has the families."""

import json
import struct

import gguf
import numpy as np

from .checkpoints import finish, permuted

Arch = gguf.MODEL_ARCH


class Network:
    """A network of the golden folder, on its way into a file."""

    def __init__(self, folder, name, arch, file=None):
        self.tensors, self.config = {}, None
        self.exact = ()  # the ends of the names of matrices that are float32
        for path in sorted([*folder.glob(f"{name}.safetensors"), *folder.glob(f"{name}.[0-9].safetensors")]):
            self.read(path)
        self.arch = arch
        self.layers = self.config["num_hidden_layers"]
        self.heads = self.config.get("num_attention_heads")
        self.kv_heads = self.config.get("num_key_value_heads")
        self.writer = gguf.GGUFWriter(folder / f"{file or name}.gguf", gguf.MODEL_ARCH_NAMES[arch])
        self.map = gguf.get_tensor_name_map(arch, self.layers)

    def read(self, path):
        data = path.read_bytes()
        size = struct.unpack("<Q", data[:8])[0]
        header = json.loads(data[8:8 + size])
        self.config = json.loads(header.pop("__metadata__")["config"])
        for name, entry in header.items():
            start, end = (8 + size + offset for offset in entry["data_offsets"])
            self.tensors[name] = np.frombuffer(data[start:end], np.float32).reshape(entry["shape"])

    def each(self, suffix, change):
        """Replaces every tensor whose name ends so by the tensors that `change` makes of it, by their suffixes."""
        for name in [name for name in self.tensors if name.endswith(suffix)]:
            values = self.tensors.pop(name)
            self.tensors |= {name.removesuffix(suffix) + new: array for new, array in change(values).items()}

    def permute(self):
        for part, heads in [("q", self.heads), ("k", self.kv_heads)]:
            self.each(f".{part}_proj.weight", lambda x: {f".{part}_proj.weight": permuted(x, heads)})

    def stack(self, count, parts=("gate_proj", "up_proj", "down_proj")):
        """One tensor of each kind for all experts of a layer."""
        for layer in range(self.layers):
            for part in parts:
                for suffix in ["weight", "bias"]:
                    first = [k for k in self.tensors if k.startswith(f"model.layers.{layer}.")
                             and k.endswith(f".experts.0.{part}.{suffix}")]
                    for name in first:
                        stem = name.split(".experts.0.")[0]
                        apart = [self.tensors.pop(f"{stem}.experts.{i}.{part}.{suffix}") for i in range(count)]
                        self.tensors[f"{stem}.experts.{part}.{suffix}"] = np.stack(apart)

    def common(self):
        c, w = self.config, self.writer
        w.add_context_length(c["max_position_embeddings"])
        w.add_embedding_length(c["hidden_size"])
        w.add_block_count(self.layers)
        w.add_feed_forward_length(c["intermediate_size"])
        w.add_head_count(self.heads)
        w.add_head_count_kv(self.kv_heads)
        w.add_layer_norm_rms_eps(c["rms_norm_eps"])
        w.add_rope_freq_base(c["rope_theta"])
        w.add_vocab_size(c["vocab_size"])
        if "head_dim" in c and self.arch != Arch.DEEPSEEK2:
            w.add_key_length(c["head_dim"])
            w.add_value_length(c["head_dim"])
        for key in ["num_local_experts", "num_experts", "moe_num_experts", "n_routed_experts"]:
            if key in c:
                w.add_expert_count(c[key])
        for key in ["num_experts_per_tok", "moe_k", "moe_topk"]:
            if key in c:
                w.add_expert_used_count(c[key])
        if "moe_intermediate_size" in c:
            w.add_expert_feed_forward_length(c["moe_intermediate_size"])
        scaling = c.get("rope_scaling") or {}
        if scaling.get("rope_type") == "yarn":
            w.add_rope_scaling_type(gguf.RopeScalingType.YARN)
            w.add_rope_scaling_factor(scaling["factor"])
            w.add_rope_scaling_orig_ctx_len(scaling["original_max_position_embeddings"])

    def write(self):
        for name, values in self.tensors.items():
            new = self.map.get_name(name, try_suffixes=(".weight", ".bias")) or self.map.get_name(name)
            assert new, name
            self.add(new, values)
        finish(self.writer)

    def add(self, name, values):
        values = np.ascontiguousarray(values)
        if values.ndim > 1 and not name.endswith((".bias", *self.exact)):
            self.writer.add_tensor(name, gguf.quants.quantize(values, gguf.GGMLQuantizationType.BF16),
                                   raw_dtype=gguf.GGMLQuantizationType.BF16)
        else:
            self.writer.add_tensor(name, values)
