"""The pointer to the release that an installation runs, and the history of its changes.

The file ``default`` in the installation's own models folder names the release; where there is none, that of the
package counts. It is replaced in one go: whenever a run starts, it finds a whole one. ``history.jsonl`` beside it keeps
every change, one line each, written before the pointer.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from feedback_nlp.classify.release import POINTER, find

HISTORY = "history.jsonl"
PASSED, OVERRIDDEN, BACK = "passed", "overridden", "rolled back"
SHANGHAI = ZoneInfo("Asia/Shanghai")


def default(folder: Path) -> str:
    """Give the name in the pointer, even if there is no such release any more: then it is time for another one."""
    own = folder / POINTER
    return own.read_text(encoding="utf-8").strip() if own.is_file() else find(POINTER).name


def point(folder: Path, old: str, new: str, *, entry: Mapping[str, Any]) -> None:
    """Write the history, then the pointer; both reach the disk before this returns, where folders can be synced."""
    folder.mkdir(parents=True, exist_ok=True)
    line = {"at": datetime.now(SHANGHAI).isoformat(timespec="seconds"), "from": old, "to": new, **entry}
    torn = (folder / HISTORY).is_file() and not (folder / HISTORY).read_bytes().endswith(b"\n")
    _write(folder / HISTORY, "\n" * torn + json.dumps(line, ensure_ascii=False), mode="a")
    unfinished = folder / f".{POINTER}.{os.getpid()}"
    _write(unfinished, new, mode="w")
    unfinished.replace(folder / POINTER)
    _reach_disk(folder)


def preceding(current: str, history: Sequence[Mapping[str, Any]]) -> str | None:
    """Say what was the default before the current one; None where the history does not tell.

    A change whose pointer was never written, because the process was killed in between, does not count.

    >>> first, second = {"from": "a", "to": "b", "result": PASSED}, {"from": "b", "to": "c", "result": PASSED}
    >>> back = {"from": "c", "to": "b", "result": BACK}
    >>> preceding("c", [first, second]), preceding("b", [first, second, back]), preceding("b", [first, second])
    ('b', 'a', 'a')
    """
    done = history[:-1] if history and history[-1]["from"] == current != history[-1]["to"] else history
    stack: list[str] = []
    for entry in done:
        stack = _until(stack, entry["to"]) if entry["result"] == BACK else [*_until(stack, entry["from"]), entry["to"]]
    return stack[-2] if len(stack) > 1 and stack[-1] == current else None


def _until(stack: list[str], name: str) -> list[str]:
    """Cut a stack behind the last place of a name; where it has none, begin a new one."""
    return stack[: len(stack) - stack[::-1].index(name)] if name in stack else [name]


def read_history(folder: Path) -> list[dict[str, Any]]:
    """Read every change of the default, the first one first; a line that was never finished changed nothing."""
    path = folder / HISTORY
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines() if path.is_file() else []
    return [entry for line in lines if (entry := _entry(line)) is not None]


def _entry(line: str) -> dict[str, Any] | None:
    try:
        entry = json.loads(line)
    except ValueError:
        return None
    return entry if isinstance(entry, dict) and {"from", "to", "result"} <= entry.keys() else None


def _reach_disk(folder: Path) -> None:
    """Have a folder's new names reach the disk; where the system cannot open or sync a folder, it does so in time."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _write(path: Path, line: str, *, mode: str) -> None:
    with path.open(mode, encoding="utf-8", newline="\n") as stream:
        stream.write(f"{line}\n")
        stream.flush()
        os.fsync(stream.fileno())
