"""Run the daily path, kill it after its k-th statement, run it again, and print a digest of every table.

    python killer.py INBOX URL K [K …]        K = 0: not killed; KILLED in the URL becomes K

One process warms everything up and forks for each run, so that fifty kills take seconds. The forked run is the real
one: its own connections, its own transactions, SIGKILL from outside Python's reach.
"""

import hashlib
import json
import os
import signal
import sys
import traceback
from datetime import date
from pathlib import Path

import sqlalchemy as sa

from feedback_nlp.jobs import daily, workplace
from feedback_nlp.settings import Feed, Settings
from feedback_nlp.store.open import connect
from feedback_nlp.store.tables import metadata
from feedback_nlp.text.prepare import prepare

TODAY = date(2026, 9, 30)
FEEDS = tuple(Feed(name, kind, f"{name}_*") for name, kind in (("ledger", "ledger"), ("survey", "survey")))


def run(inbox: Path, url: str, kill_after: int) -> int:
    """Run in a forked process; give the number of statements, or -signal if it was killed."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        statements = 0

        def count(*_: object) -> None:
            nonlocal statements
            statements += 1
            if statements == kill_after:
                os.kill(os.getpid(), signal.SIGKILL)

        sa.event.listen(sa.Engine, "after_cursor_execute", count)
        try:
            settings = Settings(folder=inbox.parent, store_url=url, chunk_rows=20, feeds=FEEDS)
            daily.run_daily(workplace.open_workplace(settings, today=TODAY), [inbox])
            os.write(write, str(statements).encode())
        except BaseException:  # noqa: BLE001  whatever happens, the child must not go on as its parent
            traceback.print_exc()
        os._exit(0)
    os.close(write)
    with os.fdopen(read) as pipe:
        said = pipe.read()
    _, status = os.waitpid(child, 0)
    return -os.WTERMSIG(status) if os.WIFSIGNALED(status) else int(said)


def digests(url: str) -> dict[str, str]:
    """Hash every table's rows, but for those of ``run``: its ids and times may differ."""
    engine = connect(url)
    result = {}
    with engine.connect() as connection:
        for name, table in metadata.tables.items():
            if name != "run":
                rows = sorted(repr(tuple(row)) for row in connection.execute(sa.select(table)))
                result[name] = f"{len(rows)}:" + hashlib.sha256("\n".join(rows).encode()).hexdigest()[:12]
    engine.dispose()
    return result


def main() -> None:
    """Warm up, then run, kill and run again for each k."""
    inbox, template = Path(sys.argv[1]), sys.argv[2]
    # the linear release: a forked process inherits no threads, which the encoder's runtime would need
    warm = workplace.load_predictor(Settings(folder=inbox.parent, store_url="", release="linear-v1"))
    warm.predict([prepare("预热").text])
    workplace.load_predictor = lambda settings: warm  # loaded once, as it reads nothing that a run changes
    daily.load_predictor = workplace.load_predictor
    for k in map(int, sys.argv[3:]):
        url = template.replace("KILLED", str(k))
        first = run(inbox, url, k)
        again = run(inbox, url, 0) if first < 0 else first
        print(json.dumps({"k": k, "first": first, "again": again, "tables": digests(url)}), flush=True)


if __name__ == "__main__":
    main()
