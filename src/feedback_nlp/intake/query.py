"""Read the answer of an SQL query as a delivery, streamed from the server."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, CursorResult, Engine, TextClause, bindparam, create_engine, text
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.pool import NullPool
from sqlalchemy.types import NullType

from feedback_nlp.errors import OperatorError, SenderError
from feedback_nlp.intake.columns import shown
from feedback_nlp.intake.delivery import Delivery, understand
from feedback_nlp.intake.header import header_of
from feedback_nlp.intake.rows import Records, Table, converter, is_empty
from feedback_nlp.intake.source import Source, policy


def open_query(
    database: Engine | str, query: str, *, source: Source, watermark_column: str | None = None, after: Any = None
) -> Delivery:
    """Open a SELECT as a delivery; with a watermark column only rows from ``after`` on are asked for, in its order.

    While ``rows`` runs, ``last_watermark`` is that of the row given out last: save it in the transaction that saves the
    rows, and hand it back as ``after``. Rows that share that value come again (and are duplicates): the alternative
    would lose what was inserted at the same instant. Dates, decimals and
    the like come back as text, which databases compare. No rows is no error here. Raises OperatorError where the
    database cannot be reached, SenderError where the query fails.
    """
    engine = _engine(database)
    statement = _statement(engine, query, watermark_column=watermark_column, after=after)
    with _answer(engine, statement, source=source) as result:
        names = tuple(result.keys())
    if watermark_column is not None and watermark_column not in names:
        raise SenderError(
            f"{source.name}: the query has no column {watermark_column!r}; its columns are: {shown(names)}"
        )
    at = names.index(watermark_column) if watermark_column is not None else None

    def records() -> Records:
        with _answer(engine, statement, source=source) as result:
            yield from ((number, values) for number, values in enumerate(result, start=1) if not is_empty(values))

    def watched() -> Records:
        for number, values in records():
            if at is not None and (mark := values[at]) is not None:  # type: ignore[index]  # a query's rows are never Broken
                delivery.last_watermark = _portable(mark)
            yield number, values

    roles = understand(
        Table("sql", header_of(names), None, records), source=source, file=source.name, may_be_empty=True
    )
    digest = hashlib.sha256(f"{query}\0{after}".encode()).hexdigest()
    convert = converter(roles, source=source, file=source.name)
    delivery = Delivery(source.name, "sql", digest, None, None, roles.mapping, roles.customer, watched, convert)
    return delivery


def _engine(database: Engine | str) -> Engine:
    if isinstance(database, Engine):
        return database
    try:
        return create_engine(database, poolclass=NullPool)  # nobody is left to close a pool
    except (ArgumentError, NoSuchModuleError, ModuleNotFoundError):
        raise OperatorError(
            "the database URL is not understood; it reads like postgresql+psycopg://user@host/name"
        ) from None


def _statement(engine: Engine, query: str, *, watermark_column: str | None, after: Any) -> TextClause:
    literal = query.strip().rstrip(";").replace(":", r"\:")  # a colon in the query names no parameter of ours
    if watermark_column is None:
        return text(literal)
    column = engine.dialect.identifier_preparer.quote_identifier(watermark_column)
    if after is None:
        return text(f"SELECT * FROM ({literal}) delivered ORDER BY {column}")
    newer = f"SELECT * FROM ({literal}) delivered WHERE {column} >= :after ORDER BY {column}"
    # Untyped: PostgreSQL then reads a text as the column's own type, instead of refusing to compare it.
    return text(newer).bindparams(bindparam("after", after, type_=NullType()))


@contextmanager
def _answer(engine: Engine, statement: TextClause, *, source: Source) -> Iterator[CursorResult[Any]]:
    try:
        connection = engine.connect()
    except SQLAlchemyError as error:
        where = engine.url.render_as_string(hide_password=True)
        reason = str(getattr(error, "orig", None) or type(error).__name__).strip().splitlines()[0]
        raise OperatorError(
            f"{source.name}: {where} cannot be reached ({reason}); check the URL and the network"
        ) from None
    with connection:
        try:
            with _executed(connection, statement, source=source) as result:
                yield result
        except SQLAlchemyError as error:
            raise SenderError(
                f"{source.name}: the query fails ({_reason(error)}); try it in a database client, "
                "which shows the whole message, and correct it in feedback.toml"
            ) from None


def _executed(connection: Connection, statement: TextClause, *, source: Source) -> CursorResult[Any]:
    streaming = connection.execution_options(yield_per=policy()["limits"]["batch_rows"])
    result = streaming.execute(statement)
    if not result.returns_rows:
        raise SenderError(f"{source.name}: the query gives no rows back; write a SELECT")
    return result


def _reason(error: SQLAlchemyError) -> str:
    """Name the error without the driver's message, which may quote a customer: invalid input syntax … "张三138…"."""
    cause = getattr(error, "orig", None) or error
    codes = (getattr(cause, name, None) for name in ("sqlstate", "pgcode", "sqlite_errorname"))
    return " ".join([type(cause).__name__, *(str(code) for code in codes if code)])


def _portable(value: Any) -> Any:
    """Write what JSON cannot keep as text, as databases read it when compared with a column of their own type."""
    if isinstance(value, date):
        return value.isoformat(**({"sep": " "} if hasattr(value, "hour") else {}))  # as SQLite stores it
    if isinstance(value, bytes | bytearray | memoryview):
        return rf"\x{bytes(value).hex()}"
    if isinstance(value, Decimal):
        return format(value, "f")
    return value if isinstance(value, int | float) else str(value)
