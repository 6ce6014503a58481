"""Evidence as JSON: saved after a run, loaded by whoever judges it. Bytes are base64."""

import base64
import dataclasses
import json
import types
import typing
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, cast

from grader.model import Evidence

Json = Any


def save(evidence: Evidence, path: Path) -> None:
    """Write evidence to `path`: to a temporary file first, then renamed."""
    write(path, json.dumps(dump(evidence), ensure_ascii=False))


def load(path: Path) -> Evidence:
    """Read evidence that `save` has written."""
    return cast(Evidence, parse(Evidence, json.loads(path.read_text(encoding="utf-8"))))


def write(path: Path, text: str) -> None:
    """Write a file whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.part")
    try:
        part.write_text(text, encoding="utf-8", errors="surrogateescape")
        part.rename(path)
    finally:
        part.unlink(missing_ok=True)


def dump(value: object) -> Json:
    """Return a frozen value of the model as what JSON can hold."""
    # Most values of an evidence with tens of thousands of records are one of these.
    if value is None or isinstance(value, str | int | float):
        return value
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    if dataclasses.is_dataclass(value):
        return {name: dump(getattr(value, name)) for name in _hints(cast(type, type(value)))}
    if isinstance(value, Mapping):
        return {str(key): dump(each) for key, each in value.items()}
    if isinstance(value, tuple):
        return [dump(each) for each in value]
    return value


def parse(kind: Any, value: Json) -> object:
    """Return what `dump` made of a value of type `kind`."""
    return _reader(kind)(value)


@cache
def _reader(kind: Any) -> Callable[[Json], Any]:
    """Return what parses values of a type: types are looked at once, values may be many."""
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if dataclasses.is_dataclass(kind) and isinstance(kind, type):
        return _reader_of_fields(kind)
    if origin in {typing.Union, types.UnionType}:
        return _reader_of_one([each for each in arguments if each is not type(None)])
    if kind is bytes:
        return base64.b64decode
    if origin is tuple:
        return _reader_of_parts(arguments)
    if origin is not None and isinstance(origin, type) and issubclass(origin, Mapping):
        of_key, of_value = map(_reader, arguments)
        return lambda value: {of_key(key): of_value(each) for key, each in value.items()}
    return int if kind is int else lambda value: value


def _reader_of_fields(kind: type) -> Callable[[Json], Any]:
    hints = _hints(kind)
    return lambda value: kind(**{name: _reader(hints[name])(each) for name, each in value.items()})


def _reader_of_parts(kinds: tuple[Any, ...]) -> Callable[[Json], Any]:
    if kinds[-1] is Ellipsis:
        of_each = _reader(kinds[0])
        return lambda value: tuple(map(of_each, value))
    return lambda value: tuple(parse(kind, part) for kind, part in zip(kinds, value, strict=True))


def _reader_of_one(kinds: Sequence[Any]) -> Callable[[Json], Any]:
    """Choose among the classes of a union by their literal `name`, as faults have one."""
    if len(kinds) == 1:
        of_it = _reader(kinds[0])
        return lambda value: None if value is None else of_it(value)
    named = {name: each for each in kinds for name in typing.get_args(_hints(each)["name"])}
    return lambda value: None if value is None else parse(named[value["name"]], value)


@cache
def _hints(kind: type) -> dict[str, Any]:
    return typing.get_type_hints(kind)
