"""An evaluation as a page: one file, no network, no script."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from feedback_nlp.taxonomy import FACETS, Taxonomy
from feedback_nlp.train import pictures
from feedback_nlp.train.compare import Comparison, Difference
from feedback_nlp.train.curves import reached
from feedback_nlp.train.findings import CONFIDENCE, Findings
from feedback_nlp.train.headline import MEAN
from feedback_nlp.train.reading import THREE_WAY
from feedback_nlp.train.yardstick import yardstick

SIGN_NAMES = {"negative": "不满", "neutral": "中性", "positive": "满意"}
LONG = 320  # characters from which a text is folded away behind its beginning


def render(found: Findings, *, taxonomy: Taxonomy) -> str:
    """Render the page; the same findings give the same text."""
    names = {**taxonomy.names, THREE_WAY: SIGN_NAMES}
    low = pictures.floor_of(found.coverage)
    template = _environment().get_template("evaluation.html")
    return template.render(
        found=found,
        evaluation=found.evaluation,
        numbers=yardstick(),
        names=names,
        mean=MEAN,
        confidence=CONFIDENCE,
        squares={
            facet: pictures.square(found.evaluation.facets[facet].confusion, names[facet])
            for facet in FACETS
            if facet in found.evaluation.facets
        },
        coverage=_coverage(found, low=low),
        reliability=_reliability(found),
        comparison=None if found.comparison is None else _comparison(found.comparison),
        long=LONG,
    )


def _coverage(found: Findings, *, low: float) -> dict[str, Any]:
    on = pictures.chart(width=640, height=320, low=low)
    sure = found.evaluation.accepted
    return {
        "chart": on,
        "lines": {
            what: pictures.path(found.coverage, what, on, low=low) for what in ("business", "first_leaf", "both")
        },
        "now": {
            what: (pictures.x_of(sure.share, on), pictures.y_of(getattr(sure, what), on, low=low), getattr(sure, what))
            for what in ("business", "first_leaf", "both")
            if sure.share
        },
        "goals": [
            (what, least, reached(found.coverage, what, least=least)) for what, least in yardstick().goal.items()
        ],
    }


def _reliability(found: Findings) -> list[tuple[str, float | None, pictures.Chart, list[Any]]]:
    on = pictures.chart(width=250, height=230)
    errors: Mapping[str, float | None] = {
        **{facet: figures.calibration for facet, figures in found.evaluation.facets.items()},
        CONFIDENCE: found.evaluation.accepted.calibration,
    }
    order = [name for name in (CONFIDENCE, *FACETS) if name in found.reliability]
    return [(name, errors.get(name), on, pictures.dots(found.reliability[name], on)) for name in order]


def _comparison(found: Comparison) -> dict[str, Any]:
    """Give what is shown of two releases: everything of headline and facets, and the classes that say something."""
    frequent = [item for item in found.classes if item.support >= yardstick().gate]
    others = [item for item in found.classes if item.support < yardstick().gate and (item.worse or item.better)]
    return {
        "of": found,
        "headline": _lines(found.headline),
        "facets": _lines(found.facets),
        "classes": _lines(tuple(sorted(frequent, key=lambda item: item.change.value))),
        "others": _lines(tuple(sorted(others, key=lambda item: item.change.value))),
    }


def _lines(items: tuple[Difference, ...]) -> dict[str, Any]:
    widest = max((abs(end) for item in items for end in (item.change.low, item.change.high)), default=0.0)
    reach = widest or 1.0
    return {"reach": reach, "items": [(item, pictures.centred(item.change, reach=reach)) for item in items]}


@lru_cache(maxsize=1)
def _environment() -> Environment:
    made = Environment(
        loader=PackageLoader("feedback_nlp.train"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals.update(whisker=pictures.whisker)
    made.filters.update(
        three=lambda value: f"{value:.3f}", signed=lambda value: f"{value:+.3f}", percent=lambda value: f"{value:.1%}"
    )
    made.filters["named"] = lambda label, names: pictures.named(label, names)
    return made
