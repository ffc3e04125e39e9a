"""A small encoder with heads of its own, random but loud, for tests."""

from typing import Any

import torch
from tokenizers import Tokenizer, normalizers, pre_tokenizers
from tokenizers.models import WordPiece
from transformers import BertConfig, BertModel, ElectraConfig, ElectraModel, RobertaConfig, RobertaModel

from feedback_nlp.taxonomy import FACETS, load
from feedback_nlp.train.deep.model import Reader

SPECIAL = {"padding": 0, "opening": 2, "closing": 3}
SIZES = [len(load().labels(facet)) for facet in FACETS]
SIZE = {"hidden_size": 64, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 128}
KINDS = {
    "electra": (ElectraConfig, ElectraModel, {"embedding_size": 64}),
    "electra with narrow pieces": (ElectraConfig, ElectraModel, {"embedding_size": 32}),
    "bert": (BertConfig, BertModel, {}),
    "roberta": (RobertaConfig, RobertaModel, {"pad_token_id": 0}),
}


def tokenizer(texts: list[str]) -> Tokenizer:
    """Cut into characters; the characters of ``texts`` are known."""
    characters = sorted(set("".join(texts)) - set(" \n"))
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *characters, *[f"##{each}" for each in characters]]
    made = Tokenizer(WordPiece({piece: place for place, piece in enumerate(pieces)}, unk_token="[UNK]"))
    made.normalizer = normalizers.BertNormalizer(lowercase=True)
    made.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    return made


def reader(kind: str, *, pieces: int, **changes: Any) -> Reader:
    """Draw weights several times as large as a fresh model's, so that every part of the network matters."""
    config, model, about = KINDS[kind]
    torch.manual_seed(4)
    size = {**SIZE, **about, "vocab_size": pieces, "max_position_embeddings": 130, "initializer_range": 0.05, **changes}
    made = Reader(model(config(**size)), SIZES).eval()
    with torch.no_grad():
        for name, value in made.named_parameters():
            if name.endswith("bias") or name in ("intercept", "gate.weight", "head.weight"):
                value.normal_(std=0.2)
    return made
