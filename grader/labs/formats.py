"""One review in four formats, each in two versions, for the lab `serialization`."""

import importlib
import io
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

Review = dict[str, Any]
Fields = tuple[str, ...]

OLD: Fields = ("product_id", "user_id", "rating", "comment")
# One field more, and not at the end: whoever counts fields or bytes stumbles over it.
NEW: Fields = ("product_id", "user_id", "rating", "verified", "comment")


def optional(name: str) -> Any:
    """Return a package that the kit can do without."""
    try:
        return importlib.import_module(name)
    except ImportError:
        return None


fastavro = optional("fastavro")
descriptor_pb2 = optional("google.protobuf.descriptor_pb2")
descriptor_pool = optional("google.protobuf.descriptor_pool")
message_factory = optional("google.protobuf.message_factory")


def text_of(review: Review, fields: Fields) -> bytes:
    """A line of text; which field is which, the reader has to know."""
    return "|".join(str(review[field]) for field in fields).encode()


def from_text(data: bytes, fields: Fields) -> Review:
    """Back from a line of text, rating and verified to their types."""
    review: Review = dict(zip(fields, data.decode().split("|"), strict=True))
    review["rating"] = int(review["rating"])
    if "verified" in review:
        review["verified"] = review["verified"] == "True"
    return review


def json_of(review: Review, fields: Fields) -> bytes:
    """JSON: every record carries the names of its fields."""
    return json.dumps({field: review[field] for field in fields}, ensure_ascii=False).encode()


def from_json(data: bytes, fields: Fields) -> Review:
    """Back from JSON: what this program knows nothing of is left aside."""
    found = json.loads(data)
    return {field: found[field] for field in fields}


AVRO_FIELDS = {
    "product_id": {"name": "product_id", "type": "string"},
    "user_id": {"name": "user_id", "type": "string"},
    "rating": {"name": "rating", "type": "int"},
    "verified": {"name": "verified", "type": "boolean", "default": False},
    "comment": {"name": "comment", "type": "string"},
}


def avro_schema(fields: Fields) -> Mapping[str, object]:
    """An Avro schema; in production a registry keeps every version of it."""
    return {"type": "record", "name": "Review", "fields": [AVRO_FIELDS[field] for field in fields]}


def avro_of(review: Review, fields: Fields) -> bytes:
    """Avro: values alone, in the order of the schema."""
    buffer = io.BytesIO()
    fastavro.schemaless_writer(buffer, avro_schema(fields), review)
    return buffer.getvalue()


def from_avro(data: bytes, written: Fields, fields: Fields) -> Review:
    """Back from Avro: the schema that it was written with, and the one that this program wants."""
    review: Review = fastavro.schemaless_reader(io.BytesIO(data), avro_schema(written), avro_schema(fields))
    return review


# What protoc would make of:  message Review { string product_id = 1; string user_id = 2;
#                                              int32 rating = 3; string comment = 4; bool verified = 5; }
PROTOBUF_FIELDS = {
    "product_id": (1, "TYPE_STRING"),
    "user_id": (2, "TYPE_STRING"),
    "rating": (3, "TYPE_INT32"),
    "comment": (4, "TYPE_STRING"),
    "verified": (5, "TYPE_BOOL"),
}


@cache
def protobuf_message(fields: Fields) -> Any:
    """The class of a message whose fields are told apart by number."""
    kinds = descriptor_pb2.FieldDescriptorProto
    file = descriptor_pb2.FileDescriptorProto(name="review.proto", syntax="proto3")
    message = file.message_type.add(name="Review")
    for field in fields:
        number, kind = PROTOBUF_FIELDS[field]
        message.field.add(name=field, number=number, type=getattr(kinds, kind), label=kinds.LABEL_OPTIONAL)
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClassesForFiles([file.name], pool)["Review"]


def protobuf_of(review: Review, fields: Fields) -> bytes:
    """Protobuf: numbers of fields and values; what is empty or zero takes no byte."""
    data: bytes = protobuf_message(fields)(**{field: review[field] for field in fields}).SerializeToString()
    return data


def from_protobuf(data: bytes, fields: Fields) -> Review:
    """Back from Protobuf: fields that are missing have their zero, unknown numbers are skipped."""
    message = protobuf_message(fields).FromString(data)
    return {field: getattr(message, field) for field in fields}


@dataclass(frozen=True, slots=True)
class Format:
    """One way to write a review, and to read it: given the fields it was written with, and those wanted."""

    name: str
    topic: str
    write: Callable[[Review, Fields], bytes]
    read: Callable[[bytes, Fields, Fields], Review]


TEXT = Format("text", "text", text_of, lambda data, _, wanted: from_text(data, wanted))
JSON = Format("JSON", "json", json_of, lambda data, _, wanted: from_json(data, wanted))
AVRO = Format("Avro", "avro", avro_of, from_avro)
AVRO_BLIND = Format(
    "Avro, writer's schema unknown",
    "avro-blind",
    avro_of,
    lambda data, _, wanted: from_avro(data, wanted, wanted),
)
PROTOBUF = Format("Protobuf", "protobuf", protobuf_of, lambda data, _, wanted: from_protobuf(data, wanted))
LEFT_OUT = {
    "fastavro": "Avro is left out: the package fastavro is not installed.",
    "protobuf": "Protobuf is left out: the package protobuf is not installed.",
}
PROGRAMS = (
    text_of,
    from_text,
    json_of,
    from_json,
    avro_schema,
    avro_of,
    from_avro,
    protobuf_message,
    protobuf_of,
    from_protobuf,
)


def present() -> tuple[Format, ...]:
    """Return the formats whose packages are there."""
    avro = () if "fastavro" in missing() else (AVRO, AVRO_BLIND)
    return (TEXT, JSON, *avro, *(() if "protobuf" in missing() else (PROTOBUF,)))


def missing() -> tuple[str, ...]:
    """Return the packages that are not there."""
    return tuple(
        name for name, found in (("fastavro", fastavro), ("protobuf", descriptor_pb2)) if found is None
    )
