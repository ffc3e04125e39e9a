"""Open a store: connect, migrate, and make sure that its key is ours."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from filelock import FileLock, Timeout
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from feedback_nlp.errors import OperatorError
from feedback_nlp.store.tables import meta

_MIGRATIONS = Path(__file__).parent / "migrations"
_LOCK_NUMBER = 0x6662_6E6C  # "fbnl", the advisory lock on PostgreSQL


def open_store(url: str) -> sa.Engine:
    """Connect to a store and bring its tables up to date; an empty database becomes a store.

    Errors: ``OperatorError`` for a URL or a server that does not answer, or a store written by a newer version.
    """
    engine = connect(url)
    try:
        with reading(engine) as connection:  # most opens find nothing to do, and must not wait for a writer
            ready = _revision(connection) == _script().get_current_head()
        if not ready:
            with engine.begin() as connection:
                _migrate(connection)
    except OperatorError:
        engine.dispose()
        raise
    except DBAPIError as error:
        engine.dispose()
        raise OperatorError(f"cannot open the store {describe(url)}: {first_line(error)}") from error
    return engine


def connect(url: str) -> sa.Engine:
    """Make the engine: SQLite with WAL and real transactions, PostgreSQL as it comes."""
    try:
        engine = sa.create_engine(url, hide_parameters=True)  # or a failing statement would print customers' words
    except (ArgumentError, NoSuchModuleError, ModuleNotFoundError) as error:
        raise OperatorError(
            f"store URL {describe(url)} does not work ({first_line(error)}); use sqlite:///feedback.db, or "
            "postgresql+psycopg://user@host/database with `pip install 'feedback-nlp[postgres]'`"
        ) from error
    if engine.dialect.name == "sqlite":
        _prepare_sqlite(engine)
    return engine


def describe(url: str) -> str:
    """Give a store URL that can be shown: without its password.

    >>> describe("postgresql+psycopg://me:secret@host/db")
    'postgresql+psycopg://me:***@host/db'
    """
    try:
        parsed = sa.make_url(url)
        local = f"{parsed.drivername}:///{parsed.database}"  # readable, where the standard form writes %E9%93%B6
        return local if parsed.get_backend_name() == "sqlite" else parsed.render_as_string(hide_password=True)
    except ArgumentError:
        return "(not a URL)"


@contextmanager
def only_run(engine: sa.Engine) -> Iterator[None]:
    """Hold the store's lock: one run at a time writes. A killed run lets go of it by itself."""
    busy = OperatorError(f"another run is working on {describe(str(engine.url))}; wait for it to end, then run again")
    if engine.dialect.name == "sqlite":
        try:
            with FileLock(f"{engine.url.database}.lock", timeout=0):
                yield
        except Timeout:
            raise busy from None
    else:
        with engine.connect() as connection:
            connection.detach()  # `tidy` empties the pool while the lock is held
            if not connection.scalar(sa.select(sa.func.pg_try_advisory_lock(_LOCK_NUMBER))):
                raise busy
            connection.commit()
            try:
                yield
            finally:
                connection.execute(sa.select(sa.func.pg_advisory_unlock(_LOCK_NUMBER)))


@contextmanager
def reading(engine: sa.Engine) -> Iterator[sa.Connection]:
    """Read without standing in a writer's way."""
    with engine.connect().execution_options(read_only=True) as connection:
        yield connection


def tidy(engine: sa.Engine) -> None:
    """Leave SQLite's file complete: what the write-ahead log still holds is moved into it."""
    if engine.dialect.name == "sqlite":
        engine.dispose()
        with engine.connect() as connection:
            connection.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()


def known_key(engine: sa.Engine) -> str | None:
    """Give the id of the HMAC key a store was filled with; None for a new one."""
    with reading(engine) as connection:
        return connection.scalar(sa.select(meta.c.value).where(meta.c.name == "key_id"))


def claim_key(connection: sa.Connection, key_id: str) -> None:
    """Remember which HMAC key the store was filled with; refuse another one.

    A second key would silently make every known customer a new one.
    """
    known = connection.scalar(sa.select(meta.c.value).where(meta.c.name == "key_id"))
    if known is None:
        connection.execute(meta.insert().values(name="key_id", value=key_id))
    elif known != key_id:
        raise OperatorError(
            f"the store was filled with HMAC key {known}, this run has key {key_id}: "
            "set FEEDBACK_NLP_KEY to the key that the store was filled with"
        )


def _prepare_sqlite(engine: sa.Engine) -> None:
    if engine.url.database:
        Path(engine.url.database).parent.mkdir(parents=True, exist_ok=True)

    @sa.event.listens_for(engine, "connect")
    def configure(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # pysqlite's own transactions leave DDL outside
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=NORMAL")  # with WAL: consistent after any crash
        connection.execute("PRAGMA foreign_keys=ON")
        connection.execute("PRAGMA busy_timeout=30000")
        # Ids are hashes, so rows land all over the tables: with the default cache of 2 MB most inserts read the disk.
        connection.execute("PRAGMA cache_size=-24000")  # KiB
        connection.execute("PRAGMA wal_autocheckpoint=8000")  # pages

    @sa.event.listens_for(engine, "begin")
    def begin(connection: sa.Connection) -> None:
        # A deferred BEGIN that writes later fails at once if somebody else wrote in between; an immediate one waits.
        read_only = connection.get_execution_options().get("read_only")
        connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")


def _revision(connection: sa.Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    return config


def _script() -> ScriptDirectory:
    return ScriptDirectory.from_config(_config())


def _migrate(connection: sa.Connection) -> None:
    config = _config()
    config.attributes["connection"] = connection
    script, current = _script(), _revision(connection)
    if current == script.get_current_head():
        return
    if current is not None and current not in {revision.revision for revision in script.walk_revisions()}:
        raise OperatorError(
            f"the store is at revision {current}, which this version does not know: install the newer one"
        )
    command.upgrade(config, "head")


def first_line(error: BaseException) -> str:
    """Give what the driver says, without SQLAlchemy's statement behind it."""
    return str(getattr(error, "orig", None) or error).strip().splitlines()[0]
