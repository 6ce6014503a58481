"""What the relay costs: MB/s and requests a second through it, beside the same without it.

    python benchmarks/relay.py [--rounds 7] [--megabytes 256]

Client and peer are processes of their own, as a program and its broker are; direct and relayed
turns alternate, so that whatever else the machine does falls on both. Medians, with the extremes.
"""

import argparse
import os
import platform
import resource
import socket
import statistics
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from grader.relay import UNCAPPED, Relay

FRAME_BYTES = 1_000_000
SMALL_BYTES = 100
PINGS = 3_000
PIPELINED = 60_000
WINDOW = 500
_HEAD = struct.Struct(">ihhih")
_ANSWER = struct.Struct(">ii")
# Produce, version 9, no client id.
_API_KEY, _VERSION, _NO_CLIENT_ID = 0, 9, -1


def frame(correlation_id: int, size_bytes: int) -> bytes:
    """Return a request of that many bytes."""
    head = _HEAD.pack(size_bytes - 4, _API_KEY, _VERSION, correlation_id, _NO_CLIENT_ID)
    return head.ljust(size_bytes, b"\0")


def serve() -> None:
    """Answer each request with its correlation id, until standard input ends."""
    listener = socket.create_server(("127.0.0.1", 0))
    print(listener.getsockname()[1], flush=True)
    threading.Thread(target=_accept, args=(listener,), daemon=True).start()
    sys.stdin.read()


def _accept(listener: socket.socket) -> None:
    while True:
        sock, _ = listener.accept()
        threading.Thread(target=_answer, args=(sock,), daemon=True).start()


def _answer(sock: socket.socket) -> None:
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    left, rest = 0, b""
    while chunk := sock.recv(1 << 20):
        data = rest + chunk
        at, answers = left, []
        while at + 12 <= len(data):
            length, _, _, correlation_id = struct.unpack_from(">ihhi", data, at)
            answers.append(_ANSWER.pack(4, correlation_id))
            at += 4 + length
        left, rest = max(0, at - len(data)), data[at:]
        if answers:
            sock.sendall(b"".join(answers))


def _receive(sock: socket.socket, size: int) -> None:
    while size:
        size -= len(sock.recv(min(size, 1 << 16)))


def bulk(sock: socket.socket, megabytes: int) -> float:
    """MB/s of large requests, the last of which is answered at the end."""
    payload = frame(1, FRAME_BYTES)
    start = time.perf_counter()
    for _ in range(megabytes):
        sock.sendall(payload)
    _receive(sock, _ANSWER.size * megabytes)
    return megabytes * FRAME_BYTES / 1e6 / (time.perf_counter() - start)


def ping(sock: socket.socket, _: int) -> float:
    """Small requests a second, each awaited before the next."""
    payload = frame(1, SMALL_BYTES)
    start = time.perf_counter()
    for _ in range(PINGS):
        sock.sendall(payload)
        _receive(sock, _ANSWER.size)
    return PINGS / (time.perf_counter() - start)


def pipeline(sock: socket.socket, _: int) -> float:
    """Small requests a second, hundreds of them under way."""
    payload = frame(1, SMALL_BYTES) * WINDOW
    start = time.perf_counter()
    for _ in range(PIPELINED // WINDOW):
        sock.sendall(payload)
        _receive(sock, _ANSWER.size * WINDOW)
    return PIPELINED / (time.perf_counter() - start)


MEASURES: dict[str, tuple[str, Callable[[socket.socket, int], float]]] = {
    "bulk": ("large requests (1 MB), MB/s", bulk),
    "ping": ("small requests (100 B), one at a time, /s", ping),
    "pipeline": ("small requests (100 B), 500 under way, /s", pipeline),
}


def measure(name: str, port: int, megabytes: int) -> None:
    """Print one figure, measured in this process."""
    with socket.create_connection(("127.0.0.1", port)) as sock:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        print(MEASURES[name][1](sock, megabytes))


def _child(*args: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, __file__, *args], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


@contextmanager
def peer() -> Iterator[int]:
    """Run the peer that stands for a broker; yield its port."""
    with _child("--serve") as process:
        assert process.stdout is not None
        assert process.stdin is not None
        yield int(process.stdout.readline())
        process.stdin.close()


def figure(name: str, port: int, megabytes: int) -> float:
    """Measure once, in a process that stands for the program."""
    with _child("--measure", name, str(port), "--megabytes", str(megabytes)) as process:
        output, _ = process.communicate(timeout=120)
    return float(output)


def compare(rounds: int, megabytes: int) -> None:
    """Print every measure, direct and through the relay, turn by turn."""
    figures: dict[tuple[str, bool], list[float]] = {(n, r): [] for n in MEASURES for r in (False, True)}
    with peer() as port, Relay.listen() as relay:
        through = int(relay.addresses[0].rpartition(":")[2])
        for _ in range(rounds):
            for name in MEASURES:
                figures[name, False].append(figure(name, port, megabytes))
                passage = relay.admit([("127.0.0.1", port)], caps=UNCAPPED)
                figures[name, True].append(figure(name, through, megabytes))
                passage.pens_down(5)
    report(figures, rounds)


def report(figures: dict[tuple[str, bool], list[float]], rounds: int) -> None:
    """Print medians and extremes."""
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores, {rounds} interleaved rounds\n")
    print(f"{'median (least – most)':<44}{'direct':>26}{'relay':>26}{'ratio':>7}")
    for name, (title, _) in MEASURES.items():
        direct, relayed = figures[name, False], figures[name, True]
        ratio = statistics.median(relayed) / statistics.median(direct)
        print(f"{title:<44}{_spread(direct):>26}{_spread(relayed):>26}{ratio:>7.2f}")
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)
    print(f"\npeak memory of the process with the relay: {peak_mb:.0f} MB")


def _spread(values: list[float]) -> str:
    return f"{statistics.median(values):,.0f} ({min(values):,.0f} – {max(values):,.0f})"


def main() -> None:
    """Compare, or be one of the processes of a comparison."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--megabytes", type=int, default=256)
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--measure", nargs=2, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.serve:
        serve()
    elif chosen.measure:
        measure(chosen.measure[0], int(chosen.measure[1]), chosen.megabytes)
    else:
        compare(chosen.rounds, chosen.megabytes)


if __name__ == "__main__":
    main()
