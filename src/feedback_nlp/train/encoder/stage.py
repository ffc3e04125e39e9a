"""What was done once is not done again: every output stands beside a note of what it was made from."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def note_of(path: Path) -> Path:
    """Give the file that tells what an output was made from."""
    return path.with_name(f"{path.name}.json")


def done(path: Path, key: str) -> dict[str, Any] | None:
    """Give the facts noted about an output that was made whole and from the same; None where it must be made."""
    note = note_of(path)
    if not (path.is_file() and note.is_file()):
        return None
    found: dict[str, Any] = json.loads(note.read_text(encoding="utf-8"))
    return found if found.get("key") == key else None


def finish(unfinished: Path, path: Path, *, key: str, facts: Mapping[str, Any]) -> dict[str, Any]:
    """Put a finished output in its place, then note what it was made from: a kill in between makes it again."""
    note_of(path).unlink(missing_ok=True)
    unfinished.replace(path)
    made = {**facts, "key": key}
    written = note_of(path).with_suffix(".unfinished")
    written.write_text(json.dumps(made, ensure_ascii=False, indent=1), encoding="utf-8")
    written.replace(note_of(path))
    return made
