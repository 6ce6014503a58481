"""The two requests of Kafka's protocol that the grader writes by itself, each in version 0.

ApiVersions asks for nothing and needs no client library: as a probe it tells that a broker answers,
and as a fence that everything before it has been logged. InitProducerId makes a broker fetch its
first producer ids. Layout: the protocol guide of Kafka's documentation, "Request Header v1",
"ApiVersions Request v0" and "InitProducerId Request v0".
"""

import socket
import struct

API_VERSIONS, INIT_PRODUCER_ID = 18, 22
NO_TRANSACTION, NO_TIMEOUT_MS = -1, -1
ANSWER_LIMIT_S = 5.0
HEADER_BYTES = 4


def api_versions(host: str, port: int, *, client_id: str, limit_s: float = ANSWER_LIMIT_S) -> bool:
    """Return whether a broker at this address answers ApiVersions within `limit_s`."""
    return _is_answered(host, port, _request(API_VERSIONS, client_id), limit_s)


def fetch_producer_ids(host: str, port: int, *, client_id: str, limit_s: float = ANSWER_LIMIT_S) -> None:
    """Let a broker that has just started fetch producer ids from its controller.

    It answers the first who asks that it is loading them; kafka-python's producer then waits for its
    `retry_backoff_ms` of 100 ms, which would be the first program's.
    """
    body = struct.pack(">hi", NO_TRANSACTION, NO_TIMEOUT_MS)
    _is_answered(host, port, _request(INIT_PRODUCER_ID, client_id, body), limit_s)


def _request(api: int, client_id: str, body: bytes = b"") -> bytes:
    name = client_id.encode()
    return struct.pack(">hhih", api, 0, 1, len(name)) + name + body


def _is_answered(host: str, port: int, request: bytes, limit_s: float) -> bool:
    try:
        with socket.create_connection((host, port), timeout=limit_s) as connection:
            connection.sendall(struct.pack(">i", len(request)) + request)
            return _answered(connection)
    except OSError:
        return False


def _answered(connection: socket.socket) -> bool:
    answer = b""
    while len(answer) < 2 * HEADER_BYTES:
        part = connection.recv(4096)
        if not part:
            return False
        answer += part
    return bool(struct.unpack(">i", answer[HEADER_BYTES : 2 * HEADER_BYTES])[0] == 1)
