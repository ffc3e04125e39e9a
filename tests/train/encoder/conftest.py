from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from tests.train.encoder.small import write_config

from feedback_nlp.text.fingerprint import fingerprint
from feedback_nlp.train.encoder.config import Config
from feedback_nlp.train.encoder.pretrain import Edge, pretrain


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> Iterator[None]:
    """Small matrices are fastest, and sums the same everywhere, on one."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> tuple[Config, Path]:
    """Pretrain once; give the configuration and the work folder."""
    folder = tmp_path_factory.mktemp("pretrained")
    config = write_config(folder)
    pretrain(config, edge=Edge(folder / "work", lambda _: None, lambda: 0.0, fingerprint()), resume=False)
    return config, folder / "work"
