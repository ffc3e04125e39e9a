"""Open improvement items for the themes that ask for one."""

from __future__ import annotations

from dataclasses import asdict

from feedback_nlp.improve.items import propose
from feedback_nlp.insight.periods import quarter_to_date
from feedback_nlp.insight.themes import themes
from feedback_nlp.jobs.workplace import Workplace
from feedback_nlp.store import tables as t
from feedback_nlp.store.frames import events_frame
from feedback_nlp.store.load import improvements
from feedback_nlp.store.open import reading
from feedback_nlp.store.save import upsert


def open_improvements(work: Workplace) -> int:
    """Count the quarter's themes, open what the policy asks for, bring the counts of open items up to date."""
    period, before = quarter_to_date(work.today)
    with reading(work.engine) as connection:
        events = events_frame(connection, people=work.policy.cases.people.columns, since=before.start)
        existing = improvements(connection)
    found = themes(events, period=period, before=before, taxonomy=work.taxonomy)
    items = propose(
        found,
        existing,
        routing=work.policy.routing,
        policy=work.policy.improve,
        taxonomy=work.taxonomy,
        today=work.today,
    )
    known = {item.id for item in existing}
    with work.engine.begin() as connection:
        upsert(connection, t.improvement, [asdict(item) | {"policy": work.policy.improve.version} for item in items])
    return sum(item.id not in known for item in items)
