"""Evidence as JSON: saved after a run, loaded by whoever judges it. Bytes are base64."""

import base64
import dataclasses
import json
import types
import typing
from collections.abc import Mapping
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
    if dataclasses.is_dataclass(value):
        return {each.name: dump(getattr(value, each.name)) for each in dataclasses.fields(value)}
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    if isinstance(value, Mapping):
        return {str(key): dump(each) for key, each in value.items()}
    if isinstance(value, tuple):
        return [dump(each) for each in value]
    return value


def parse(kind: Any, value: Json) -> object:
    """Return what `dump` made of a value of type `kind`."""
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if dataclasses.is_dataclass(kind) and isinstance(kind, type):
        hints = _hints(kind)
        return kind(**{name: parse(hints[name], each) for name, each in value.items()})
    if origin in {typing.Union, types.UnionType}:
        return None if value is None else parse(_alternative(arguments, value), value)
    if kind is bytes:
        return base64.b64decode(value)
    if origin is tuple:
        kinds = [arguments[0]] * len(value) if arguments[-1] is Ellipsis else arguments
        return tuple(parse(each, part) for each, part in zip(kinds, value, strict=True))
    if origin is not None and isinstance(origin, type) and issubclass(origin, Mapping):
        return {parse(arguments[0], key): parse(arguments[1], each) for key, each in value.items()}
    return int(value) if kind is int else value


@cache
def _hints(kind: type) -> dict[str, Any]:
    return typing.get_type_hints(kind)


def _alternative(kinds: tuple[Any, ...], value: Json) -> Any:
    """Choose among the classes of a union by their literal `name`, as faults have one."""
    present = [kind for kind in kinds if kind is not type(None)]
    if len(present) == 1:
        return present[0]
    return next(kind for kind in present if value["name"] in typing.get_args(_hints(kind)["name"]))
