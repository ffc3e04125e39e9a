"""Make data/samples from data/labelled/train.jsonl: `python data/make_samples.py [FOLDER]`.

The same seed gives the same files, byte for byte; no clock, no network. What is drawn and what is planted stands in
generator/plan.toml, the bank in generator/bank.toml, the wording in generator/phrases.toml.
"""

from __future__ import annotations

import sys
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).parent))

from generator import courses, flat, ledger, ordinary, plots, truth
from generator.tables import toml
from generator.writer import Writer


def make(folder: Path) -> None:
    """Write all sample files into a folder."""
    (folder / "truth").mkdir(parents=True, exist_ok=True)
    seed = toml("plan")["seed"]
    writer = Writer(Random(seed))
    plots.write(writer)
    ordinary.write(writer)
    books = ledger.write(courses.run(writer.entries, rng=Random(seed + 1)), folder=folder)
    flats = {
        "survey_2026.csv": flat.survey(writer.entries, path=folder / "survey_2026.csv", rng=Random(seed + 2)),
        "app_reviews_2026.jsonl": flat.app(
            writer.entries, path=folder / "app_reviews_2026.jsonl", rng=Random(seed + 3)
        ),
        "hotline_2026.csv": flat.hotline(writer.entries, path=folder / "hotline_2026.csv", rng=Random(seed + 4)),
    }
    for course in (course for rows in books.values() for course in rows):
        course.entry.refs = [] if course.broken else course.entry.refs
    truth.write_planted(truth.planted(writer, books=books, flats=flats), path=folder / "truth" / "planted.json")
    truth.write_gold(writer.entries, path=folder / "truth" / "gold.csv")
    truth.write_exposure(folder / "exposure.csv")


if __name__ == "__main__":
    make(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent / "samples")
