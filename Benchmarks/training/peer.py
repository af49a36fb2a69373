"""PyTorch's side of compare.py: the same network, written with what its users would write it with. Arguments and answers
are those of main.swift."""

import resource
import sys
import time

import torch
from torch import nn
from torch.nn import functional as F


class Adapted(nn.Module):
    """A linear map, and a low-rank correction where there is a rank."""

    def __init__(self, inputs, outputs, rank):
        super().__init__()
        self.plain = nn.Linear(inputs, outputs, bias=False)
        self.down = nn.Linear(inputs, rank, bias=False) if rank else None
        self.up = nn.Linear(rank, outputs, bias=False) if rank else None
        if rank:
            self.plain.requires_grad_(False)

    def forward(self, x):
        y = self.plain(x)
        return y + self.up(self.down(x)) if self.down else y


class Block(nn.Module):
    def __init__(self, s, rank):
        super().__init__()
        self.width, self.heads = s["hidden_size"], s["num_attention_heads"]
        self.kv_heads = s.get("num_key_value_heads", self.heads)
        head = self.width // self.heads
        self.first, self.second = nn.RMSNorm(self.width, eps=1e-6), nn.RMSNorm(self.width, eps=1e-6)
        self.q, self.o = Adapted(self.width, self.width, rank), Adapted(self.width, self.width, rank)
        self.k, self.v = (Adapted(self.width, self.kv_heads * head, rank) for _ in range(2))
        self.gate, self.up = (Adapted(self.width, s["intermediate_size"], rank) for _ in range(2))
        self.down = Adapted(s["intermediate_size"], self.width, rank)

    def forward(self, x, cosine, sine):
        batch, length, width = x.shape
        h = self.first(x)

        def heads(y, count):
            return y.view(batch, length, count, -1).transpose(1, 2)

        def rotated(y):
            a, b = y.chunk(2, -1)
            return torch.cat((a * cosine - b * sine, b * cosine + a * sine), -1).to(y.dtype)

        q, k = rotated(heads(self.q(h), self.heads)), rotated(heads(self.k(h), self.kv_heads))
        grouped = self.heads != self.kv_heads
        y = F.scaled_dot_product_attention(q, k, heads(self.v(h), self.kv_heads), is_causal=True, enable_gqa=grouped)
        x = x + self.o(y.transpose(1, 2).reshape(batch, length, width))
        h = self.second(x)
        return x + self.down(F.silu(self.gate(h)) * self.up(h))


class Network(nn.Module):
    def __init__(self, s, length, rank):
        super().__init__()
        self.embedding = nn.Embedding(s["vocab_size"], s["hidden_size"])
        nn.init.uniform_(self.embedding.weight, -0.02, 0.02)
        self.blocks = nn.ModuleList(Block(s, rank) for _ in range(s["num_hidden_layers"]))
        self.norm = nn.RMSNorm(s["hidden_size"], eps=1e-6)
        half = s["hidden_size"] // s["num_attention_heads"] // 2
        angles = torch.outer(torch.arange(length), 10000.0 ** (-torch.arange(half) / half))
        self.register_buffer("cosine", angles.cos()), self.register_buffer("sine", angles.sin())
        if rank:
            self.embedding.requires_grad_(False), self.norm.requires_grad_(False)
            for block in self.blocks:
                block.first.requires_grad_(False), block.second.requires_grad_(False)

    def forward(self, tokens):
        x = self.embedding(tokens)
        for block in self.blocks:
            x = block(x, self.cosine, self.sine)
        return F.linear(self.norm(x), self.embedding.weight)


def main():
    settings = dict(pair.split("=") for pair in sys.argv[1].split(","))
    settings = {key: int(value) for key, value in settings.items() if value.isdigit()}
    documents, length, precision, rank = int(sys.argv[2]), int(sys.argv[3]), sys.argv[4], int(sys.argv[5])
    torch.manual_seed(1)
    network = Network(settings, length, rank)
    if rank and precision == "bfloat16":  # what does not learn is kept as it is used
        for parameter in network.parameters():
            if not parameter.requires_grad:
                parameter.data = parameter.data.bfloat16()
    learning = [parameter for parameter in network.parameters() if parameter.requires_grad]
    optimizer = torch.optim.AdamW(learning, lr=1e-4, betas=(0.9, 0.95), weight_decay=0.1, fused=True)
    tokens = (torch.arange(documents * length) * 7919 % settings["vocab_size"]).view(documents, length)
    targets = tokens.flatten().roll(-1)
    for line in sys.stdin:
        begin = time.perf_counter()
        for _ in range(int(line)):
            with torch.autocast("cpu", torch.bfloat16, enabled=precision == "bfloat16"):
                loss = F.cross_entropy(network(tokens).flatten(0, 1).float(), targets)
            loss.backward()
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
        seconds = time.perf_counter() - begin
        print(seconds, loss.item(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, flush=True)


if __name__ == "__main__":
    main()
