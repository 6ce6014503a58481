"""Where the frames of a Kafka byte stream begin, whatever the chunks in which it arrives.

A frame is a length of four bytes and that many bytes. Of a request the api key, api version,
correlation id and client id are read (their place is the same in every header version of Kafka's
protocol guide that carries them), of an answer the correlation id; the rest is counted, never looked at.
"""

import struct
from collections.abc import Callable
from functools import partial
from typing import Literal, NamedTuple

PRODUCE, FETCH, METADATA = 0, 1, 3

# Kafka 4.3 has the api keys 0 to 92; a PostgreSQL client's first "key" would be 1234.
MAX_API_KEY = 255

_LENGTH = struct.Struct(">i")
_ANSWER = struct.Struct(">ii")
_REQUEST = struct.Struct(">ihhih")
_CLIENT_ID_AT = _REQUEST.size
# Api key, api version and correlation id: the least that any request holds.
_MIN_REQUEST_LENGTH = 8
_MIN_ANSWER_LENGTH = 4

Fault = Literal["too_long", "garbled"]


class Head(NamedTuple):
    """The beginning of one frame.

    Attributes:
        at: Where it begins, counted from the first byte that `Frames.feed` returned with it.
        size: Bytes of the whole frame, its length field included.
        api_key: -1 in an answer.
    """

    at: int
    size: int
    correlation_id: int
    api_key: int = -1
    api_version: int = -1
    client_id: str = ""


class Broken(Exception):
    """The bytes that follow cannot be a frame."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault)
        self.fault: Fault = fault


Parse = Callable[[memoryview, int], Head | None]


class Frames:
    """Finds the heads of frames in a stream.

    Args:
        parse: Reads the head at a place; None where bytes of it are still to come.

    Attributes:
        broken: Why nothing more can be read, once that is so; the bytes in question are in `rest`.
        rest: The first bytes of a head that is not complete.
    """

    def __init__(self, parse: Parse) -> None:
        self._parse = parse
        self._left = 0
        self.rest = b""
        self.broken: Fault | None = None

    def feed(self, chunk: memoryview) -> tuple[memoryview, list[Head]]:
        """Take the next bytes; return those that may pass, and the heads among them.

        A head passes only as a whole, so that whoever decides about a frame has all of it in hand.
        """
        data = memoryview(self.rest + bytes(chunk)) if self.rest else chunk
        at, heads = self._left, []
        try:
            while at < len(data) and (head := self._parse(data, at)):
                heads.append(head)
                at += head.size
        except Broken as broken:
            self.broken = broken.fault
        self._left = max(0, at - len(data))
        self.rest = bytes(data[at:])
        return data[:at], heads

    def rewind(self) -> bytes:
        """Forget the frame that was begun, so that it can be fed again; return the bytes not yet passed."""
        rest = self.rest
        self._left, self.rest, self.broken = 0, b"", None
        return rest


def requests(max_length: int) -> Frames:
    """Frames as a client sends them, none longer than `max_length`."""
    return Frames(partial(_request, max_length))


def answers() -> Frames:
    """Frames as a broker sends them."""
    return Frames(_answer)


def _request(max_length: int, data: memoryview, at: int) -> Head | None:
    there = len(data) - at
    if there < _CLIENT_ID_AT:
        return _short_request(max_length, data, at)
    length, api_key, api_version, correlation_id, id_length = _REQUEST.unpack_from(data, at)
    if length > max_length:
        raise Broken("too_long")
    size = end = _LENGTH.size + length
    if size >= _CLIENT_ID_AT:
        # -1 stands for no client id.
        end = _CLIENT_ID_AT + max(0, id_length)
    if length < _MIN_REQUEST_LENGTH or not 0 <= api_key <= MAX_API_KEY or end > size:
        raise Broken("garbled")
    if there < end:
        return None
    client_id = str(data[at + _CLIENT_ID_AT : at + end], "utf-8", "replace") if id_length > 0 else ""
    return Head(at, size, correlation_id, api_key, api_version, client_id)


def _short_request(max_length: int, data: memoryview, at: int) -> Head | None:
    """Read a head of which little has come, or of a request too short for a client id."""
    there = bytes(data[at:])
    if len(there) < _LENGTH.size:
        return None
    (length,) = _LENGTH.unpack_from(there)
    if length > max_length:
        raise Broken("too_long")
    if length < _MIN_REQUEST_LENGTH:
        raise Broken("garbled")
    if len(there) < _LENGTH.size + length:
        return None
    head = _request(max_length, memoryview(there.ljust(_CLIENT_ID_AT, b"\0")), 0)
    return head and head._replace(at=at)


def _answer(data: memoryview, at: int) -> Head | None:
    there = len(data) - at
    if there < _LENGTH.size:
        return None
    (length,) = _LENGTH.unpack_from(data, at)
    if length < _MIN_ANSWER_LENGTH:
        raise Broken("garbled")
    if there < _ANSWER.size:
        return None
    return Head(at, _LENGTH.size + length, _ANSWER.unpack_from(data, at)[1])


def printable(opening: bytes) -> str:
    """Show the first bytes of something as short text on one line."""
    return "".join(chr(byte) if 0x20 <= byte < 0x7F else f"\\x{byte:02x}" for byte in opening[:48])
