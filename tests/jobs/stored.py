"""Cases put straight into the tables: what alerts are raised from, without a model and a run."""

import json
from datetime import date, datetime
from typing import Any

from feedback_nlp.jobs.workplace import Workplace
from feedback_nlp.store import tables as t
from feedback_nlp.store.save import upsert

NOW = datetime(2026, 9, 30, 9, 0)
TODAY = NOW.date()


def store_case(work: Workplace, case_id: str, *, kinds: str = "", level: int = 0, **columns: Any) -> str:
    """Store a case on which a clock runs, without letters; give its whole id."""
    row = {
        "id": case_id.ljust(20, "0"),
        "theme": "credit_card/pricing.fee",
        "opened_on": date(2026, 9, 25),
        "due_on": date(2026, 10, 10),
        "closed_on": None,
        "events": 1,
        "customers": 1,
        "state": "received",
        "kinds": kinds,
        "level": level,
        "org": "城东支行",
        "process": "fees",
        "policy": "test",
    }
    with work.engine.begin() as connection:
        upsert(connection, t.complaint_case, [row | columns])
    return str(row["id"])


def store_letter(
    work: Workplace, case_id: str, letter: str, *hits: tuple[str, str, str, int], on: date = TODAY
) -> None:
    """Store a letter of a case with hits (kind, modality, cue, level)."""
    feedback = {
        "id": letter,
        "version": 1,
        "settled_version": 1,
        "settled_by": "test",
        "batch_id": "batch",
        "content": letter,
        "counted_on": on,
        "source": "ledger",
        "source_kind": "ledger",
        "text": "来信全文不得出现在预警里",
        "flags": "",
        "extra": "{}",
    }
    batch = dict.fromkeys(("rows_read", "new", "updated", "duplicate", "rejected"), 0)
    batch |= {"id": "batch", "source": "ledger", "file": "f", "input_hash": "h", "mapping": "{}", "taken_in_on": TODAY}
    rows = [
        {"kind": kind, "modality": modality, "cue": cue, "start": 0, "end": len(cue), "level": level}
        for kind, modality, cue, level in hits
    ]
    facts = {"feedback_id": letter, "version": 1, "vulnerable": "", "policy": "test"}
    facts |= {"level": max((hit[3] for hit in hits), default=0), "hits": json.dumps(rows, ensure_ascii=False)}
    with work.engine.begin() as connection:
        upsert(connection, t.batch, [batch])
        upsert(connection, t.feedback, [feedback])
        upsert(connection, t.case_member, [{"feedback_id": letter, "case_id": case_id, "why": "", "policy": "test"}])
        upsert(connection, t.text_facts, [facts])


def store_grave(work: Workplace, case_id: str = "aa", *, kind: str = "self_harm", cue: str = "不想活了") -> str:
    """Store a case whose one letter speaks of something grave."""
    found = store_case(work, case_id, kinds=f"{kind}:threat", level=3)
    store_letter(work, found, f"letter-{case_id}", (kind, "threat", cue, 3))
    return found


def store_clock(work: Workplace, case_id: str, due_at: datetime, **columns: Any) -> None:
    """Store a running clock of a case."""
    row = {
        "case_id": case_id,
        "rule": "cb-simple",
        "event": "answer",
        "started_at": datetime(2026, 9, 15),
        "due_at": due_at,
        "stopped_at": None,
        "paused_days": 0,
        "paused": False,
        "extended": False,
        "provisional": False,
        "policy": "test",
    }
    with work.engine.begin() as connection:
        upsert(connection, t.sla_clock, [row | columns])
