"""What only the extra `train` brings: torch, transformers and what belongs to them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from feedback_nlp.errors import TrainerError

PACKAGES = frozenset({"torch", "transformers", "safetensors", "onnx", "onnxscript"})


@contextmanager
def extra() -> Iterator[None]:
    """Turn the import of a package that is not installed into a sentence that says how to get it.

    >>> with extra():
    ...     raise ModuleNotFoundError("No module named 'torch'", name="torch")
    Traceback (most recent call last):
    feedback_nlp.errors.TrainerError: torch is not installed; run: pip install 'feedback-nlp[train]'
    """
    try:
        yield
    except ModuleNotFoundError as error:
        name = (error.name or "").partition(".")[0]
        if name not in PACKAGES:
            raise
        raise TrainerError(f"{name} is not installed; run: pip install 'feedback-nlp[train]'") from error
