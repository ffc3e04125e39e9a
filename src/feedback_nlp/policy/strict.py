"""TOML tables into frozen dataclasses, strictly: a misspelt key or a wrong type is an error that names it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from types import UnionType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from feedback_nlp.errors import OperatorError

T = TypeVar("T")


def build(kind: type[T], table: Mapping[str, Any], *, where: str) -> T:
    """Make one record of a TOML table; its fields are the only keys allowed.

    Fields may be str, int, float, bool, tuples, mappings from str, other records, or any of these ``| None``.
    A record's own ``__post_init__`` may raise ``ValueError`` to refuse a combination of values.
    """
    if not isinstance(table, Mapping):
        raise OperatorError(f"{where}: expected a table, found '{table}'")
    hints = get_type_hints(kind)
    known = {item.name: item for item in fields(kind)}  # type: ignore[arg-type]
    for key in table:
        if key not in known:
            raise OperatorError(f"{where}: unknown key '{key}'; known are {', '.join(known)}")
    for name, item in known.items():
        if name not in table and item.default is MISSING:
            raise OperatorError(f"{where}: key '{name}' is missing")
    values = {key: _value(hints[key], value, f"{where}: {key}") for key, value in table.items()}
    try:
        return kind(**values)
    except ValueError as error:
        raise OperatorError(f"{where}: {error}") from error


def _value(hint: Any, value: Any, where: str) -> Any:
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is UnionType:
        return _value(arguments[0], value, where)
    if origin is tuple:
        return _tuple(arguments, value, where)
    if origin is Mapping:
        if not isinstance(value, dict):
            raise OperatorError(f"{where}: expected a table, found '{value}'")
        return {key: _value(arguments[1], item, f"{where}.{key}") for key, item in value.items()}
    if isinstance(hint, type) and is_dataclass(hint):
        return build(hint, value, where=where)
    return _scalar(hint, value, where)


def _tuple(arguments: tuple[Any, ...], value: Any, where: str) -> tuple[Any, ...]:
    if not isinstance(value, list):
        raise OperatorError(f"{where}: expected a list, found '{value}'")
    hints = [arguments[0]] * len(value) if arguments[-1] is Ellipsis else list(arguments)
    if len(hints) != len(value):
        raise OperatorError(f"{where}: expected {len(hints)} values, found '{value}'")
    return tuple(_value(hint, item, f"{where}[{n}]") for n, (hint, item) in enumerate(zip(hints, value, strict=True)))


def _scalar(hint: Any, value: Any, where: str) -> Any:
    if hint is float and type(value) is int:
        return float(value)
    if type(value) is not hint:  # not isinstance: true is an int in Python
        raise OperatorError(f"{where}: expected {hint.__name__}, found '{value}'")
    return value
