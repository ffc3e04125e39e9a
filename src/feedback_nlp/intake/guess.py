"""Choose the text column by what stands in it, where no header names it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from feedback_nlp.errors import SenderError
from feedback_nlp.intake import cells
from feedback_nlp.intake.columns import Roles, looks_like_name, shown
from feedback_nlp.intake.source import Source, policy


def with_text(roles: Roles, *, sample: Sequence[Sequence[Any]], source: Source, file: str) -> Roles:
    """Add the text column to the roles if exactly one column clearly holds sentences.

    Raises SenderError with the headers found and the line to put into feedback.toml, and for headers that read like
    data, unless the settings name one of them: then the first row would be lost, and its words become names.
    """
    if "text" in roles.mapping:
        return roles
    if not source.columns and not all(map(looks_like_name, roles.columns)):
        raise SenderError(no_header(source=source, file=file))
    taken = {*roles.mapping.values(), *roles.customer}
    lengths = {
        name: _mean_length([row[at] for row in sample]) for at, name in enumerate(roles.columns) if name not in taken
    }
    ranked = sorted(lengths, key=lambda name: -lengths[name])
    limits = policy()["guess"]
    clear = ranked and lengths[ranked[0]] >= limits["min_mean_chars"]
    if clear and (len(ranked) == 1 or lengths[ranked[0]] >= limits["clearly_longer"] * lengths[ranked[1]]):
        return replace(roles, mapping={**roles.mapping, "text": ranked[0]})
    example = shown(ranked[:1]) or "…"
    raise SenderError(
        f"{file}: no column is recognised as the customers' text; the columns are: {shown(roles.columns)}. "
        f'Put into feedback.toml, under source {source.name!r}: columns = {{ text = "{example}" }}'
    )


def no_header(*, source: Source, file: str) -> str:
    """Say that the columns have no names, and what to do."""
    return (
        f"{file}: no header row found; ask the sender for names of the columns in the first row, e.g. text. Where it "
        f'does hold them, put one into feedback.toml, under source {source.name!r}: columns = {{ text = "…" }}'
    )


def _mean_length(values: Sequence[object]) -> float:
    """Give the mean number of letters of a column's texts; 0 for numbers, dates and the few words of a category."""
    texts = [value.strip() for value in values if isinstance(value, str) and not cells.is_missing(value)]
    if not texts or len(set(texts)) < policy()["guess"]["min_distinct_share"] * len(texts):
        return 0.0
    return sum(len(re.sub(r"[\W\d_]", "", text)) for text in texts) / len(texts)
