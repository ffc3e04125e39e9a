"""Write a fine-tuned Reader as one ONNX file that needs no torch, its weights in 8 bits.

The graph is built by hand: the same bytes every time, nothing on the console, and the operators that ONNX Runtime
computes fastest. The layers multiply 8-bit numbers: weights with a scale for every output, fixed here, and activations
with one scale for everything read in a call. So that no text changes another's scores, `classify.onnx` reads one window
a call; hence no mask and no padding either. benchmarks/classify.md compares this with weights computed in 32 bits.
"""

# b windows, t tokens, d width, n outputs of a layer, v pieces, k labels of all facets side by side, f facets

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from onnx import TensorProto, helper, numpy_helper

from feedback_nlp.classify.onnx import ENCODER, PIECES, SIZES, SPECIAL, TOKENIZER
from feedback_nlp.classify.windows import WINDOW
from feedback_nlp.errors import TrainerError
from feedback_nlp.train.deep.model import GATE, Reader

Floats = npt.NDArray[np.float32]

KINDS = ("bert", "electra", "roberta", "xlm-roberta")
OPSET, IR = 21, 10
RUNTIME = "com.microsoft"  # the operators that ONNX Runtime adds to the standard
_LARGEST = 127


def export(reader: Reader, tokenizer: Any, *, special: Mapping[str, int]) -> dict[str, bytes]:
    """Give the files of a fine-tuned Reader, for `classify.onnx.EncoderModel`.

    ``tokenizer`` is a `tokenizers.Tokenizer`, ``special`` the ids that open and close a window and pad it.
    """
    check(reader.encoder, tokenizer, special=special)
    pieces = int(reader.encoder.embeddings.word_embeddings.num_embeddings)
    made = graph(reader)
    about = {**{name: special[name] for name in SPECIAL}, PIECES: pieces, SIZES: " ".join(map(str, _sizes(reader)))}
    helper.set_model_props(made, {name: str(value) for name, value in about.items()})
    return {ENCODER: made.SerializeToString(deterministic=True), TOKENIZER: tokenizer.to_str().encode()}


def check(encoder: Any, tokenizer: Any, *, special: Mapping[str, int]) -> None:
    """Refuse an encoder that cannot be exported; to be asked before hours are spent on fine-tuning it."""
    config = encoder.config
    if config.model_type not in KINDS or config.hidden_act != "gelu":
        raise TrainerError(
            f"an encoder of kind {config.model_type} with {config.hidden_act} cannot be exported; take one of the "
            f"kinds {', '.join(KINDS)} with gelu"
        )
    pieces = int(encoder.embeddings.word_embeddings.num_embeddings)
    if tokenizer.get_vocab_size() > pieces or any(special[name] >= pieces for name in SPECIAL):
        raise TrainerError(
            f"the encoder knows {pieces} pieces, its tokenizer {tokenizer.get_vocab_size()} and the special tokens "
            f"{dict(special)}; take the tokenizer that the encoder was trained with"
        )
    places = int(encoder.embeddings.position_embeddings.num_embeddings) - _first_position(config)
    if places < WINDOW:
        raise TrainerError(f"the encoder reads {places} tokens at once, {WINDOW} are needed; take another encoder")


def graph(reader: Reader) -> Any:
    """Build the model: ids (b, t) → weight (b, t, f), scores (b, t, k), intercept (k,)."""
    made = _Graph()
    hidden = _encoder(made, reader.encoder)
    limit = made.constant(np.array(GATE, dtype=np.float32))
    gate = made.node("MatMul", hidden, made.constant(_array(reader.gate.weight).T))
    gate = made.node("Add", gate, made.constant(_array(reader.gate.bias)))
    gate = made.node("Mul", made.node("Tanh", made.node("Div", gate, limit)), limit)
    made.node("Exp", gate, name="weight")
    made.node("MatMul", hidden, made.constant(_array(reader.head.weight).T), name="scores")
    made.node("Identity", made.constant(_array(reader.intercept)), name="intercept")
    return made.model(facets=reader.gate.out_features, labels=reader.head.out_features)


def _sizes(reader: Reader) -> list[int]:
    return reader.facet.bincount().tolist()


class _Graph:
    """Nodes and constants, named by number in the order in which they are asked for."""

    def __init__(self) -> None:
        self._nodes: list[Any] = []
        self._constants: list[Any] = []

    def constant(self, value: npt.NDArray[Any]) -> str:
        """Store an array; give its name."""
        name = f"constant_{len(self._constants)}"
        self._constants.append(numpy_helper.from_array(np.asarray(value, order="C"), name))
        return name

    def node(self, kind: str, *inputs: str, name: str = "", domain: str = "", **attributes: Any) -> str:
        """Add a node with one output; give the output's name."""
        name = name or f"node_{len(self._nodes)}"
        self._nodes.append(helper.make_node(kind, inputs, [name], domain=domain, **attributes))
        return name

    def parts(self, value: str, number: int) -> list[str]:
        """Cut the last dimension into equal parts."""
        names = [f"node_{len(self._nodes)}_{part}" for part in range(number)]
        self._nodes.append(helper.make_node("Split", [value], names, axis=-1, num_outputs=number))
        return names

    def model(self, *, facets: int, labels: int) -> Any:
        """Give what was built."""
        outputs: dict[str, list[str | int]] = {
            "weight": ["b", "t", facets],
            "scores": ["b", "t", labels],
            "intercept": [labels],
        }
        made = helper.make_graph(
            self._nodes,
            "reader",
            [helper.make_tensor_value_info("ids", TensorProto.INT64, ["b", "t"])],
            [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in outputs.items()],
            self._constants,
        )
        sets = [helper.make_opsetid("", OPSET), helper.make_opsetid(RUNTIME, 1)]
        return helper.make_model(made, opset_imports=sets, ir_version=IR, producer_name="feedback-nlp")


def _encoder(made: _Graph, encoder: Any) -> str:
    config = encoder.config
    hidden = _embedded(made, encoder.embeddings, first=_first_position(config))
    if hasattr(encoder, "embeddings_project"):  # ELECTRA, where pieces are narrower than the layers
        (hidden,) = _dense(made, hidden, encoder.embeddings_project)
    for layer in encoder.encoder.layer:
        hidden = _layer(made, hidden, layer, heads=config.num_attention_heads)
    return hidden


def _first_position(config: Any) -> int:
    """RoBERTa counts positions from behind its padding token, see RobertaEmbeddings in transformers."""
    return int(config.pad_token_id) + 1 if "roberta" in config.model_type else 0


def _embedded(made: _Graph, embeddings: Any, *, first: int) -> str:
    """Look up pieces, scaled by row, and add position and (always the first) segment."""
    small, scale = small_integers(_array(embeddings.word_embeddings.weight), axis=1)
    piece = made.node("Cast", made.node("Gather", made.constant(small), "ids"), to=TensorProto.FLOAT)
    piece = made.node("Mul", piece, made.node("Gather", made.constant(scale), "ids"))
    places = _array(embeddings.position_embeddings.weight)[first : first + WINDOW]
    places = places + _array(embeddings.token_type_embeddings.weight)[:1]
    start = made.constant(np.zeros(1, dtype=np.int64))
    end = made.node("Shape", "ids", start=1, end=2)
    total = made.node("Add", piece, made.node("Slice", made.constant(places), start, end, start))
    norm = embeddings.LayerNorm
    return made.node("LayerNormalization", total, *_scale(made, norm), axis=-1, epsilon=norm.eps)


def _layer(made: _Graph, hidden: str, layer: Any, *, heads: int) -> str:
    own, out = layer.attention.self, layer.attention.output
    asked = _dense(made, hidden, own.query, own.key, own.value)
    seen = made.node("MultiHeadAttention", *asked, domain=RUNTIME, num_heads=heads)
    (seen,) = _dense(made, seen, out.dense)
    hidden = _added(made, seen, hidden, out.LayerNorm)
    (inner,) = _dense(made, hidden, layer.intermediate.dense)
    (inner,) = _dense(made, made.node("Gelu", inner), layer.output.dense)
    return _added(made, inner, hidden, layer.output.LayerNorm)


def _dense(made: _Graph, value: str, *layers: Any) -> list[str]:
    """Multiply by one or more layers in 8 bits, at once; give what each makes of the value."""
    weights = [_array(layer.weight).T for layer in layers]
    diagonals = [towering(weight) for weight in weights]
    rest = [_without(weight, diagonal) for weight, diagonal in zip(weights, diagonals, strict=True)]
    small, scale = small_integers(np.concatenate(rest, axis=1), axis=0)
    bias = made.constant(np.concatenate([_array(layer.bias) for layer in layers]))
    inputs = (value, made.constant(small), made.constant(scale[0]), "", bias)
    product = made.node("DynamicQuantizeMatMul", *inputs, domain=RUNTIME)
    parts = made.parts(product, len(layers)) if len(layers) > 1 else [product]
    return [_straight(made, value, part, diagonal) for part, diagonal in zip(parts, diagonals, strict=True)]


def _without(weight: Floats, diagonal: Floats) -> Floats:
    return weight - np.diag(diagonal) if diagonal.any() else weight


def _straight(made: _Graph, value: str, part: str, diagonal: Floats) -> str:
    """Add what a diagonal makes of the value, in 32 bits."""
    if not diagonal.any():
        return part
    return made.node("Add", part, made.node("Mul", value, made.constant(diagonal)))


def towering(weight: Floats) -> Floats:
    """Give the diagonal of weights (d, n) where it is larger than all beside it, else zeros.

    An encoder that starts near the identity keeps such diagonals, and in 8 bits one large weight coarsens all others of
    its column: kept apart, they leave a quarter of the error; see benchmarks/classify.md.

    >>> towering(np.array([[0.7, 0.1], [0.0, 0.6]])), towering(np.array([[0.1, 0.7], [0.6, 0.0]]))
    (array([0.7, 0.6]), array([0., 0.]))
    """
    diagonal = np.diag(weight)
    if weight.shape[0] != weight.shape[1]:
        return np.zeros_like(diagonal)
    beside = np.abs(weight - np.diag(diagonal)).max(axis=0)
    return diagonal if np.median(np.abs(diagonal) - beside) > 0 else np.zeros_like(diagonal)


def _added(made: _Graph, new: str, old: str, norm: Any) -> str:
    return made.node("SkipLayerNormalization", new, old, *_scale(made, norm), domain=RUNTIME, epsilon=norm.eps)


def _scale(made: _Graph, norm: Any) -> Sequence[str]:
    return made.constant(_array(norm.weight)), made.constant(_array(norm.bias))


def small_integers(values: Floats, *, axis: int) -> tuple[npt.NDArray[np.int8], Floats]:
    """Write numbers as 8-bit integers times a scale; ``axis`` is the one over which a scale is shared.

    >>> small_integers(np.array([[1.27, -0.5], [0.0, 0.0]], dtype=np.float32), axis=1)[0]
    array([[127, -50],
           [  0,   0]], dtype=int8)
    """
    largest = np.abs(values).max(axis=axis, keepdims=True)
    scale = np.where(largest > 0, largest, 1).astype(np.float32) / np.float32(_LARGEST)
    return np.round(values / scale).astype(np.int8), scale


def _array(tensor: Any) -> Floats:
    array: Floats = tensor.detach().float().cpu().numpy()
    return array
