"""The relay between plain sockets: no broker is needed, only peers that speak in frames."""

import contextlib
import math
import os
import random
import resource
import socket
import struct
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.errors import GraderError
from grader.model import FirstContactDies, Stall, Traffic
from grader.relay import Caps, Decision, Passage, PortTakenError, Relay, connection
from grader.relay.faults import PASS, FaultAtWork, LateFetches, NoFault, Stalling, at_work
from grader.relay.flow import HELD_BYTES
from grader.relay.frames import FETCH, METADATA, PRODUCE, Frames, Head, answers, printable, requests
from grader.relay.loop import READ, End, Loop
from grader.relay.passage import Upstream
from grader.relay.tally import UNCAPPED, Tally

API_VERSIONS = 18
PATIENCE_S = 5.0
PROMPT_S = 1.0
# Long enough that only the thing waited for, never the end of the hold, can end a test.
LONG_S = 30.0
MAX_FRAME = 1_000_000
LINUX_ONLY = pytest.mark.skipif(sys.platform != "linux", reason="needs the whole 127.0.0.0/8 net")
TLS_HELLO = bytes.fromhex("16030100f1010000ed0303") + bytes(40)
HTTP_GET = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"


def request(api_key: int, correlation_id: int = 1, *, client: str | None = "c", body: bytes = b"") -> bytes:
    name = b"" if client is None else client.encode()
    id_length = -1 if client is None else len(name)
    rest = struct.pack(">hhih", api_key, 9, correlation_id, id_length) + name + body
    return struct.pack(">i", len(rest)) + rest


def answer(correlation_id: int, body: bytes = b"") -> bytes:
    return struct.pack(">ii", 4 + len(body), correlation_id) + body


def acknowledge(frame: bytes) -> bytes:
    return answer(struct.unpack_from(">i", frame, 8)[0])


def echo(frame: bytes) -> bytes:
    return frame


def silence(frame: bytes) -> bytes:
    del frame
    return b""


@dataclass
class Heard:
    """What a peer got on one connection."""

    sock: socket.socket
    source: str
    data: bytearray = field(default_factory=bytearray)
    ended: bool = False


class Peer:
    """Stands for a broker: takes frames, answers each, remembers every byte, closes at the end."""

    def __init__(self, reply: Callable[[bytes], bytes] = acknowledge, *, closes: bool = True) -> None:
        self.reading = threading.Event()
        self.reading.set()
        self.connections: list[Heard] = []
        self._reply = reply
        self._closes = closes
        self._changed = threading.Condition()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=100)
        self.address: tuple[str, int] = ("127.0.0.1", self._listener.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def data(self) -> bytes:
        return b"".join(bytes(each.data) for each in self.connections)

    def wait(self, condition: Callable[[], bool]) -> bool:
        with self._changed:
            return self._changed.wait_for(condition, PATIENCE_S)

    def gets(self, data: bytes) -> bool:
        """Wait until these bytes, and no others, have come."""
        self.wait(lambda: len(self.data) >= len(data))
        return data == self.data

    def close(self) -> None:
        for each in self.connections:
            with contextlib.suppress(OSError):
                each.sock.shutdown(socket.SHUT_RDWR)
            each.sock.close()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                sock, (host, port) = self._listener.accept()
                heard = Heard(sock, f"{host}:{port}")
                with self._changed:
                    self.connections.append(heard)
                threading.Thread(target=self._serve, args=(heard,), daemon=True).start()

    def _serve(self, heard: Heard) -> None:
        with contextlib.suppress(OSError):
            at = 0
            while self.reading.wait() and (chunk := heard.sock.recv(1 << 16)):
                with self._changed:
                    heard.data += chunk
                    self._changed.notify_all()
                while len(heard.data) >= at + 4:
                    end = at + 4 + int.from_bytes(heard.data[at : at + 4])
                    if len(heard.data) < end:
                        break
                    heard.sock.sendall(self._reply(bytes(heard.data[at:end])))
                    at = end
        with self._changed:
            heard.ended = True
            self._changed.notify_all()
        if self._closes:
            heard.sock.close()


def dial(address: str) -> socket.socket:
    host, _, port = address.rpartition(":")
    sock = socket.create_connection((host, int(port)), timeout=PATIENCE_S)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return sock


def read(sock: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size and (chunk := sock.recv(size - len(data))):
        data += chunk
    return data


def is_closed(sock: socket.socket) -> bool:
    """Wait until the relay closes; an answer instead is not a close."""
    try:
        return sock.recv(1) == b""
    except ConnectionError:
        return True


def is_silent(sock: socket.socket, seconds: float = 0.05) -> bool:
    sock.settimeout(seconds)
    try:
        sock.recv(1)
    except TimeoutError:
        return True
    finally:
        sock.settimeout(PATIENCE_S)
    return False


def reset(sock: socket.socket) -> None:
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    sock.close()


def until(condition: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + PATIENCE_S
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.002)
    return condition()


@pytest.fixture
def peer() -> Iterator[Peer]:
    peer = Peer()
    yield peer
    peer.close()


@pytest.fixture
def relay() -> Iterator[Relay]:
    with Relay.listen() as relay:
        yield relay


def down(passage: Passage, *program: socket.socket) -> Traffic:
    """End the program, if it has connections, then its way."""
    for sock in program:
        sock.close()
    return passage.pens_down(PATIENCE_S)[0]


class TestFrames:
    frame = st.builds(
        request,
        st.integers(0, 92),
        st.integers(-(2**31), 2**31 - 1),
        client=st.none() | st.text(max_size=20),
        body=st.binary(max_size=60),
    )
    shortest = st.sampled_from([struct.pack(">ihhi", 8, 7, 0, 5), struct.pack(">ihhix", 9, 7, 0, 5)])
    garbage = st.sampled_from(
        [b"", TLS_HELLO, HTTP_GET, b"\0\0\0\7" + bytes(9), b"\0\0\0\x14\1\0" + bytes(30)]
    )
    streams = st.builds(lambda frames, end: b"".join(frames) + end, st.lists(frame | shortest), garbage)

    @staticmethod
    def taken(frames: Frames, chunks: list[bytes]) -> tuple[bytes, list[Head], object]:
        passed, heads = b"", []
        for chunk in chunks:
            if frames.broken is None:
                ready, found = frames.feed(memoryview(chunk))
                heads += [head._replace(at=len(passed) + head.at) for head in found]
                passed += ready
        return passed, heads, frames.broken

    @settings(max_examples=60)
    @given(streams, st.lists(st.integers(0, 400)))
    def test_any_split_gives_the_same(self, stream: bytes, cuts: list[int]) -> None:
        at = [0, *sorted(min(cut, len(stream)) for cut in cuts), len(stream)]
        whole = self.taken(requests(MAX_FRAME), [stream])
        assert whole == self.taken(requests(MAX_FRAME), [stream[a:b] for a, b in pairwise(at)])
        assert whole == self.taken(requests(MAX_FRAME), [stream[i : i + 1] for i in range(len(stream))])

    @settings(max_examples=60)
    @given(st.lists(st.builds(answer, st.integers(0, 2**31 - 1), st.binary(max_size=30))))
    def test_answers_too(self, frames: list[bytes]) -> None:
        stream = b"".join(frames)
        whole = self.taken(answers(), [stream])
        assert (stream, len(frames), None) == (whole[0], len(whole[1]), whole[2])
        assert whole == self.taken(answers(), [stream[i : i + 1] for i in range(len(stream))])

    def test_what_a_head_holds(self) -> None:
        frame = request(PRODUCE, 7, client="Zoë", body=b"1234")
        _, heads, _ = self.taken(requests(MAX_FRAME), [frame])
        assert [Head(0, len(frame), 7, PRODUCE, 9, "Zoë")] == heads

    def test_client_id_that_is_not_utf_8(self) -> None:
        _, heads, _ = self.taken(requests(MAX_FRAME), [struct.pack(">ihhih2s", 12, 3, 1, 1, 2, b"\xff\xfe")])
        assert "��" == heads[0].client_id

    @pytest.mark.parametrize(
        ("opening", "fault"),
        [
            (TLS_HELLO, "too_long"),
            (HTTP_GET, "too_long"),
            (struct.pack(">i", MAX_FRAME + 1), "too_long"),
            (struct.pack(">i", -5), "garbled"),
            (struct.pack(">i", 7), "garbled"),
            (struct.pack(">ihhi", 8, 1234, 5679, 0), "garbled"),
            (struct.pack(">ihhih", 10, -1, 0, 0, 0), "garbled"),
            (struct.pack(">ihhih", 10, 3, 0, 0, 1), "garbled"),
        ],
    )
    def test_what_cannot_be_a_request(self, opening: bytes, fault: str) -> None:
        good = request(METADATA)
        assert (good, fault) == self.taken(requests(MAX_FRAME), [good + opening])[::2]

    def test_an_answer_without_a_correlation_id(self) -> None:
        assert "garbled" == self.taken(answers(), [struct.pack(">i", 3)])[2]

    def test_a_frame_can_be_fed_again(self) -> None:
        frames, frame = requests(MAX_FRAME), request(METADATA, body=b"x" * 50)
        ready, _ = frames.feed(memoryview(frame + frame[:10]))
        assert frame + frame[:10] == bytes(ready) + frames.rewind()
        assert 2 == len(frames.feed(memoryview(frame + frame))[1])

    def test_openings_are_short_printable_text(self) -> None:
        assert r"GET / HTTP/1.1\x0d\x0a" == printable(b"GET / HTTP/1.1\r\n")
        assert r"\x1b[2J\xe2\x80\xae" == printable("\x1b[2J\u202e".encode())
        assert 48 == len(printable(b"x" * 5_000))


class TestPassing:
    frames = st.lists(
        st.builds(request, st.integers(0, 92), st.integers(0, 9), body=st.binary(max_size=3_000)), max_size=20
    )

    @settings(max_examples=30, deadline=None)
    @given(frames, st.lists(st.integers(1, 5_000), max_size=20))
    def test_bytes_arrive_as_sent_both_ways(self, frames: list[bytes], cuts: list[int]) -> None:
        stream = b"".join(frames)
        at = [0, *sorted(min(cut, len(stream)) for cut in cuts), len(stream)]
        peer = Peer(echo)
        with Relay.listen() as relay, dial_admitted(relay, peer) as (passage, sock):
            for start, end in pairwise(at):
                sock.sendall(stream[start:end])
            assert stream == read(sock, len(stream))
            traffic = down(passage, sock)
        assert stream == peer.data
        assert (len(frames), len(stream)) == (sum(traffic.requests.values()), traffic.bytes_in)
        peer.close()

    def test_large_frames_both_ways(self, relay: Relay) -> None:
        peer = Peer(echo)
        frames = request(PRODUCE, body=bytes(5_000_000)) + request(METADATA, 2, body=b"\1" * 3_000_000)
        with dial_admitted(relay, peer) as (_, sock):
            sender = threading.Thread(target=sock.sendall, args=(frames,))
            sender.start()
            assert frames == read(sock, len(frames))
            sender.join()
        peer.close()

    def test_each_door_leads_to_its_broker(self) -> None:
        peers = [Peer(), Peer()]
        with Relay.listen(doors=2) as relay:
            passage = relay.admit([each.address for each in peers])
            for number, address in enumerate(relay.addresses):
                with dial(address) as sock:
                    sock.sendall(request(METADATA, number))
                    assert answer(number) == read(sock, 8)
            traffic = down(passage)
        assert [request(METADATA, 0), request(METADATA, 1)] == [each.data for each in peers]
        assert dict.fromkeys(relay.addresses, 1) == traffic.doors
        for each in peers:
            each.close()

    def test_traffic_is_counted(self, relay: Relay, peer: Peer) -> None:
        passage = relay.admit([peer.address])
        stream = request(API_VERSIONS) + request(METADATA) + request(PRODUCE) * 3
        with dial(relay.addresses[0]) as sock, dial(relay.addresses[0]):
            sock.sendall(stream)
            read(sock, 5 * 8)
        traffic, sources = passage.pens_down(PATIENCE_S)
        expected = Traffic(
            connections=2,
            doors={relay.addresses[0]: 2},
            requests={API_VERSIONS: 1, METADATA: 1, PRODUCE: 3},
            bytes_in=len(stream),
        )
        assert expected == traffic
        assert {each.source for each in peer.connections} == sources

    @LINUX_ONLY
    def test_broker_is_dialled_from_the_run_s_own_address(self, relay: Relay, peer: Peer) -> None:
        passage = relay.admit([peer.address], source="127.0.1.7")
        with dial(relay.addresses[0]) as sock:
            sock.sendall(request(METADATA))
            read(sock, 8)
        _, sources = passage.pens_down(PATIENCE_S)
        assert {peer.connections[0].source} == sources
        assert peer.connections[0].source.startswith("127.0.1.7:")

    def test_source_that_the_machine_has_not_is_left_out(self, relay: Relay, peer: Peer) -> None:
        with dial_admitted(relay, peer, source="203.0.113.9") as (_, sock):
            sock.sendall(request(METADATA, 4))
            assert answer(4) == read(sock, 8)

    def test_many_connections_at_once_stay_apart(self, relay: Relay) -> None:
        peer = Peer(echo)
        passage = relay.admit([peer.address])
        heard: dict[int, bool] = {}

        def talk(seed: int) -> None:
            draw = random.Random(seed)
            with dial(relay.addresses[0]) as sock:
                for number in range(15):
                    frame = request(METADATA, number, body=draw.randbytes(draw.randrange(40_000)))
                    sock.sendall(frame)
                    if frame != read(sock, len(frame)):
                        return
            heard[seed] = True

        threads = [threading.Thread(target=talk, args=(seed,)) for seed in range(12)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert dict.fromkeys(range(12), True) == heard
        assert ({METADATA: 12 * 15}, 12) == ((traffic := down(passage)).requests, traffic.connections)
        peer.close()

    def test_half_close_still_gets_its_answers(self, relay: Relay, peer: Peer) -> None:
        with dial_admitted(relay, peer) as (_, sock):
            sock.sendall(request(METADATA, 4))
            sock.shutdown(socket.SHUT_WR)
            assert answer(4) == read(sock, 100)

    def test_program_s_connection_ends_with_the_broker_s(self, relay: Relay, peer: Peer) -> None:
        with dial_admitted(relay, peer) as (_, sock):
            sock.sendall(request(METADATA, 4))
            read(sock, 8)
            peer.close()
            assert is_closed(sock)

    def test_broker_that_cannot_be_reached(self, relay: Relay, peer: Peer) -> None:
        peer.close()
        with dial_admitted(relay, peer) as (passage, sock):
            sock.sendall(request(METADATA))
            assert is_closed(sock)
            assert {"broker_unreachable": 1} == down(passage, sock).refused

    def test_where_a_broker_is_gone_connections_are_refused_until_it_is_back(
        self, relay: Relay, peer: Peer
    ) -> None:
        address, door = peer.address, relay.addresses[0]
        peer.close()
        with dial_admitted(relay, peer) as (passage, sock):
            sock.sendall(request(METADATA))
            assert is_closed(sock)
            for _ in range(100):
                with pytest.raises(ConnectionRefusedError):
                    dial(door)
            with socket.create_server(address):
                deadline = time.monotonic() + PATIENCE_S
                while not is_welcome(door):
                    assert time.monotonic() < deadline
            assert {"broker_unreachable": 1} == down(passage, sock).refused

    def test_every_door_of_a_broker_that_is_gone_refuses_and_no_other(self, peer: Peer) -> None:
        gone = Peer()
        gone.close()
        with Relay.listen(2) as relay:
            passage = relay.admit([gone.address, peer.address], extra_doors=["127.0.0.1:0"])
            first, other, extra = passage.addresses
            with dial(extra) as sock:
                sock.sendall(request(METADATA))
                assert is_closed(sock)
            assert [False, True, False] == [is_welcome(door) for door in (first, other, extra)]
            passage.pens_down(PATIENCE_S)
            # The relay's own doors are bound for the next run.
            assert [True, True, False] == [is_welcome(door) for door in (first, other, extra)]


def is_welcome(address: str) -> bool:
    """Whether a connection is accepted, whatever becomes of it."""
    try:
        dial(address).close()
    except ConnectionRefusedError:
        return False
    return True


@contextlib.contextmanager
def dial_admitted(
    relay: Relay,
    peer: Peer,
    fault: Stall | FirstContactDies | LateFetches | NoFault | None = None,
    *,
    source: str | None = None,
    caps: Caps | None = None,
) -> Iterator[tuple[Passage, socket.socket]]:
    """Admit a run, and be its program's only connection."""
    passage = relay.admit([peer.address], fault=fault, source=source, caps=caps or Caps())
    with dial(relay.addresses[0]) as sock:
        yield passage, sock
    if not passage.ended:
        passage.pens_down(PATIENCE_S)


class TestUpstream:
    def test_localhost_is_dialled_where_brokers_listen(self, relay: Relay, peer: Peer) -> None:
        passage = relay.admit([("localhost", peer.address[1])])
        with dial(relay.addresses[0]) as sock:
            sock.sendall(request(METADATA, 4))
            assert answer(4) == read(sock, 8)
        down(passage)

    def test_a_broker_in_the_other_family(self) -> None:
        if not has_ipv6():
            pytest.skip("this machine has no IPv6")
        with socket.create_server(("::1", 0), family=socket.AF_INET6) as listener:
            upstream = Upstream.find("::1", listener.getsockname()[1], "127.0.1.7")
            with upstream.dial() as sock:
                listener.accept()[0].close()
                sock.settimeout(PATIENCE_S)
                assert is_closed(sock)

    def test_nothing_beyond_loopback_is_dialled_from_it(self) -> None:
        assert None is Upstream.find("192.0.2.1", 9092, "127.0.1.7").source
        assert "127.0.1.7" == Upstream.find("127.0.0.1", 9092, "127.0.1.7").source

    def test_a_broker_that_never_takes_the_connection(self, relay: Relay) -> None:
        """Its backlog is full, so the relay is still dialling when the pens go down."""
        with contextlib.ExitStack() as stack:
            full = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
            for _ in range(3):
                waiting = stack.enter_context(socket.socket())
                waiting.setblocking(False)
                waiting.connect_ex(full.getsockname())
            passage = relay.admit([full.getsockname()])
            with dial(relay.addresses[0]) as sock:
                sock.sendall(request(METADATA))
            start = time.monotonic()
            traffic, _ = passage.pens_down(0.1)
            assert 0.1 <= time.monotonic() - start < 0.1 + PROMPT_S
        assert 1 == traffic.unfinished


class TestDoors:
    def test_connections_are_closed_at_once_while_nobody_is_admitted(self, relay: Relay, peer: Peer) -> None:
        for _ in range(2):
            with dial(relay.addresses[0]) as sock:
                assert is_closed(sock)
            down(relay.admit([peer.address]))
        assert [] == peer.connections

    def test_sockets_handed_to_it(self, peer: Peer) -> None:
        listener = socket.create_server(("127.0.0.1", 0))
        with Relay([listener]) as relay:
            assert (f"127.0.0.1:{listener.getsockname()[1]}",) == relay.addresses
            with dial_admitted(relay, peer) as (_, sock):
                sock.sendall(request(METADATA, 3))
                assert answer(3) == read(sock, 8)
        assert -1 == listener.fileno()

    def test_sockets_handed_to_a_passage(self, relay: Relay, peer: Peer) -> None:
        passage = relay.admit([peer.address])
        listener = socket.create_server(("127.0.0.1", 0))
        address = f"127.0.0.1:{listener.getsockname()[1]}"
        passage.open_door(listener, name="localhost:9092")
        with dial(address) as sock:
            sock.sendall(request(METADATA, 3))
            assert answer(3) == read(sock, 8)
        assert (*relay.addresses, "localhost:9092") == passage.addresses
        assert {"localhost:9092": 1} == down(passage).doors
        with pytest.raises(ConnectionRefusedError):
            dial(address)

    def test_no_door_opens_after_pens_down(self, relay: Relay, peer: Peer) -> None:
        passage = relay.admit([peer.address])
        down(passage)
        with pytest.raises(GraderError, match="after pens down"):
            passage.open_door(socket.create_server(("127.0.0.1", 0)))

    def test_localhost_for_one_passage(self, relay: Relay, peer: Peer) -> None:
        port = free_port()
        for _ in range(3):
            passage = relay.admit([peer.address], extra_doors=[f"localhost:{port}"])
            for host in ("127.0.0.1", "::1") if has_ipv6() else ("127.0.0.1",):
                with dial(f"{host}:{port}") as sock:
                    sock.sendall(request(METADATA, 3))
                    assert answer(3) == read(sock, 8)
            assert f"localhost:{port}" in down(passage).doors
            with pytest.raises(ConnectionRefusedError):
                dial(f"127.0.0.1:{port}")

    def test_any_free_port_for_one_passage(self, relay: Relay, peer: Peer) -> None:
        passage = relay.admit([peer.address], extra_doors=["127.0.0.1:0"])
        with dial(passage.addresses[1]) as sock:
            sock.sendall(request(METADATA, 3))
            assert answer(3) == read(sock, 8)
        assert {passage.addresses[1]: 1} == down(passage).doors

    def test_port_that_is_taken_is_named(self, relay: Relay, peer: Peer) -> None:
        with socket.create_server(("127.0.0.1", 0)) as other:
            port = other.getsockname()[1]
            with pytest.raises(PortTakenError, match=f"Port {port} is needed for localhost:{port}") as caught:
                relay.admit([peer.address], extra_doors=[f"localhost:{port}"])
        assert port == caught.value.port
        if sys.platform == "linux":
            assert "process " in caught.value.holder
        down(relay.admit([peer.address]))

    def test_taken_in_the_other_family_alone(self, relay: Relay, peer: Peer) -> None:
        if not has_ipv6():
            pytest.skip("this machine has no IPv6")
        with socket.create_server(("::1", 0), family=socket.AF_INET6) as other:
            port = other.getsockname()[1]
            with pytest.raises(PortTakenError):
                relay.admit([peer.address], extra_doors=[f"localhost:{port}"])
            with pytest.raises(ConnectionRefusedError):
                dial(f"127.0.0.1:{port}")

    def test_out_of_descriptors(self, relay: Relay, peer: Peer) -> None:
        passage = relay.admit([peer.address])
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        with dial_while(paused(relay), relay) as sock:
            lowest = os.dup(sock.fileno())
            os.close(lowest)
            resource.setrlimit(resource.RLIMIT_NOFILE, (lowest, hard))
        try:
            with pytest.raises(GraderError, match="relay failed") as caught:
                down(passage, sock)
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        assert "Too many open files" in caught.value.detail
        with dial_admitted(relay, peer) as (_, again):
            again.sendall(request(METADATA, 3))
            assert answer(3) == read(again, 8)

    def test_one_run_at_a_time(self, relay: Relay, peer: Peer) -> None:
        relay.admit([peer.address])
        with pytest.raises(GraderError, match="before the pens of the last were down"):
            relay.admit([peer.address])

    def test_each_door_needs_a_broker(self, relay: Relay) -> None:
        with pytest.raises(GraderError, match="has 1 doors and was given 0 brokers"):
            relay.admit([])

    def test_unknown_host(self, relay: Relay) -> None:
        with pytest.raises(GraderError, match=r"no\.such\.host\.invalid:9092 cannot be looked up"):
            relay.admit([("no.such.host.invalid", 9092)])


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as sock:
        return int(sock.getsockname()[1])


def has_ipv6() -> bool:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        return False
    return True


class TestStall:
    def test_released_to_a_client_that_waits(self, relay: Relay, peer: Peer) -> None:
        start = time.monotonic()
        with dial_admitted(relay, peer, Stall(0.15)) as (passage, sock):
            sock.sendall(request(PRODUCE, 1))
            assert answer(1) == read(sock, 8)
            assert 0.15 <= time.monotonic() - start
            assert passage.reached.is_set()
            sock.sendall(request(PRODUCE, 2))
            assert answer(2) == read(sock, 8)
            traffic = down(passage, sock)
        assert ("released", True, {PRODUCE: 2}) == (traffic.stall, traffic.fault_reached, traffic.requests)

    @pytest.mark.parametrize("hang_up", [socket.socket.close, reset])
    def test_dropped_when_the_client_hangs_up(
        self, relay: Relay, peer: Peer, hang_up: Callable[[socket.socket], None]
    ) -> None:
        before = request(API_VERSIONS) + request(METADATA)
        with dial_admitted(relay, peer, Stall(LONG_S)) as (passage, sock):
            sock.sendall(before + request(PRODUCE) + request(METADATA) + request(PRODUCE))
            assert passage.reached.wait(PATIENCE_S)
            assert peer.gets(before)
            hang_up(sock)
            assert peer.wait(lambda: peer.connections[0].ended)
            traffic = down(passage, sock)
        assert before == peer.data
        assert ("dropped", {API_VERSIONS: 1, METADATA: 1}) == (traffic.stall, traffic.requests)

    def test_a_half_close_is_a_hang_up(self, relay: Relay, peer: Peer) -> None:
        with dial_admitted(relay, peer, Stall(LONG_S)) as (passage, sock):
            sock.sendall(request(PRODUCE))
            sock.shutdown(socket.SHUT_WR)
            assert is_closed(sock)
            assert "dropped" == down(passage, sock).stall
        assert b"" == peer.data

    def test_a_hang_up_that_came_unread_is_seen_before_the_release(self, relay: Relay, peer: Peer) -> None:
        """The sender fills what the relay reads ahead, so its end stays behind unread bytes."""
        behind = request(PRODUCE, body=bytes(HELD_BYTES + 300_000))
        with dial_admitted(relay, peer, Stall(0.3)) as (passage, sock):
            sock.sendall(request(PRODUCE) + behind)
            sock.close()
            assert until(lambda: not open_connections(passage))
            assert "dropped" == down(passage, sock).stall
        assert b"" == peer.data

    def test_dropped_at_pens_down(self, relay: Relay, peer: Peer) -> None:
        with dial_admitted(relay, peer, Stall(LONG_S)) as (passage, sock):
            sock.sendall(request(PRODUCE))
            passage.reached.wait(PATIENCE_S)
            start = time.monotonic()
            assert "dropped" == down(passage).stall
            assert PROMPT_S > time.monotonic() - start
            assert is_closed(sock)
        assert b"" == peer.data

    def test_a_produce_that_is_read_only_after_pens_down_is_dropped(self, relay: Relay, peer: Peer) -> None:
        passage = relay.admit([peer.address], fault=Stall(LONG_S))
        with paused(relay):
            with dial(relay.addresses[0]) as sock:
                sock.sendall(request(METADATA) + request(PRODUCE))
            ended = in_thread(lambda: down(passage))
        traffic = ended()
        assert ("dropped", True, request(METADATA)) == (traffic.stall, traffic.fault_reached, peer.data)

    def test_unreached_without_a_produce(self, relay: Relay, peer: Peer) -> None:
        with dial_admitted(relay, peer, Stall(LONG_S)) as (passage, sock):
            sock.sendall(request(METADATA, 5))
            assert answer(5) == read(sock, 8)
            traffic = down(passage, sock)
        assert ("unreached", False) == (traffic.stall, traffic.fault_reached)

    @settings(max_examples=20, deadline=None)
    @given(st.lists(st.integers(0, 3), min_size=1, max_size=30), st.integers(1, 60))
    def test_order_is_kept_behind_it(self, api_keys: list[int], step: int) -> None:
        stream = b"".join(request(key, number, body=b"b" * number) for number, key in enumerate(api_keys))
        peer = Peer(echo)
        with Relay.listen() as relay, dial_admitted(relay, peer, Stall(0.005)) as (passage, sock):
            for at in range(0, len(stream), step):
                sock.sendall(stream[at : at + step])
            assert stream == read(sock, len(stream))
            assert len(api_keys) == sum(down(passage, sock).requests.values())
        assert stream == peer.data
        peer.close()

    def test_other_connections_and_doors_pass(self, peer: Peer) -> None:
        with Relay.listen(doors=2) as relay:
            passage = relay.admit([peer.address] * 2, fault=Stall(LONG_S))
            with contextlib.ExitStack() as stack:
                held, *others = [stack.enter_context(dial(each)) for each in relay.addresses * 2]
                held.sendall(request(PRODUCE, 1))
                assert passage.reached.wait(PATIENCE_S)
                for number, sock in enumerate(others):
                    sock.sendall(request(PRODUCE, number))
                    assert answer(number) == read(sock, 8)
                assert is_silent(held)
            assert ("dropped", {PRODUCE: 3}) == ((traffic := down(passage)).stall, traffic.requests)

    def test_a_produce_of_many_turns(self, relay: Relay, peer: Peer) -> None:
        stream = request(METADATA, 1) + request(PRODUCE, 2, body=bytes(2_000_000))
        with dial_admitted(relay, peer, Stall(0.1)) as (passage, sock):
            sock.sendall(stream)
            assert answer(1) + answer(2) == read(sock, 16)
            assert "released" == down(passage, sock).stall
        assert stream == peer.data

    def test_answers_to_earlier_requests_pass(self, relay: Relay, peer: Peer) -> None:
        with dial_admitted(relay, peer, Stall(LONG_S)) as (_, sock):
            sock.sendall(request(METADATA, 1) + request(PRODUCE, 2))
            assert answer(1) == read(sock, 8)

    def test_lifted_by_hand(self, relay: Relay, peer: Peer) -> None:
        with dial_admitted(relay, peer, Stall(LONG_S)) as (passage, sock):
            sock.sendall(request(PRODUCE, 2))
            passage.reached.wait(PATIENCE_S)
            passage.release()
            assert answer(2) == read(sock, 8)
            traffic = down(passage, sock)
        assert ("released", True) == (traffic.stall, traffic.fault_reached)

    def test_each_run_has_its_own(self, relay: Relay, peer: Peer) -> None:
        for _ in range(2):
            with dial_admitted(relay, peer, Stall(0.01)) as (passage, sock):
                sock.sendall(request(PRODUCE, 2))
                read(sock, 8)
                assert "released" == down(passage, sock).stall


def relay_threads() -> set[threading.Thread]:
    return {thread for thread in threading.enumerate() if thread.name == "relay"}


def open_connections(passage: Passage) -> int:
    return len(passage._connections)  # noqa: SLF001 - a leak shows nowhere else


@contextlib.contextmanager
def paused(relay: Relay) -> Iterator[None]:
    """Keep the relay's thread busy, so that what happens meanwhile waits in the kernel."""
    busy, go_on = threading.Event(), threading.Event()

    def pause() -> None:
        busy.set()
        go_on.wait(PATIENCE_S)

    thread = threading.Thread(target=relay._loop.call, args=(pause,))  # noqa: SLF001 - no other way in
    thread.start()
    assert busy.wait(PATIENCE_S)
    yield
    go_on.set()
    thread.join()


@contextlib.contextmanager
def dial_while(state: contextlib.AbstractContextManager[None], relay: Relay) -> Iterator[socket.socket]:
    with state:
        yield dial(relay.addresses[0])


def in_thread(function: Callable[[], Traffic]) -> Callable[[], Traffic]:
    """Begin now; what is returned waits for the end."""
    results: list[Traffic] = []
    thread = threading.Thread(target=lambda: results.append(function()))
    thread.start()

    def wait() -> Traffic:
        thread.join(2 * PATIENCE_S)
        return results[0]

    return wait


class TestPensDown:
    def test_last_bytes_of_a_dead_program_arrive(self, relay: Relay) -> None:
        """Far more than one turn's reading, in front of a broker that is slow to take it."""
        peer = Peer(silence)
        stream = request(PRODUCE, body=bytes(3_000_000)) + request(PRODUCE, 2)
        peer.reading.clear()
        passage = relay.admit([peer.address])
        with dial(relay.addresses[0]) as sock:
            threading.Timer(0.1, peer.reading.set).start()
            sock.sendall(stream)
        traffic = down(passage)
        assert stream == peer.data
        assert (0, {PRODUCE: 2}) == (traffic.unfinished, traffic.requests)
        peer.close()

    def test_a_program_that_knocked_sent_and_died_unheard(self, relay: Relay, peer: Peer) -> None:
        passage = relay.admit([peer.address])
        with paused(relay):
            for _ in range(5):
                with dial(relay.addresses[0]) as sock:
                    sock.sendall(request(PRODUCE))
            ended = in_thread(lambda: down(passage))
        assert (5, {PRODUCE: 5}) == ((traffic := ended()).connections, traffic.requests)
        assert request(PRODUCE) * 5 == peer.data

    def test_a_program_killed_with_unread_answers(self, relay: Relay, peer: Peer) -> None:
        """Its machine then sends a reset instead of an orderly end; what came before it counts."""
        stream = request(PRODUCE) * 200
        with dial_admitted(relay, peer) as (passage, sock):
            sock.sendall(request(METADATA))
            sock.recv(1)
            sock.sendall(stream)
            assert peer.wait(lambda: len(peer.data) > 0)
            sock.close()
            down(passage, sock)
        assert request(METADATA) + stream == peer.data

    def test_broker_is_awaited_until_it_has_finished(self, relay: Relay) -> None:
        def slow(frame: bytes) -> bytes:
            time.sleep(0.03)
            return acknowledge(frame)

        peer = Peer(slow)
        with dial_admitted(relay, peer) as (passage, sock):
            sock.sendall(request(PRODUCE) * 3)
            sock.close()
            down(passage, sock)
            assert peer.connections[0].ended
        peer.close()

    def test_a_living_program_is_cut_and_sends_nothing_after(self, relay: Relay, peer: Peer) -> None:
        with dial_admitted(relay, peer) as (passage, sock):
            sock.sendall(request(PRODUCE))
            read(sock, 8)
            start = time.monotonic()
            assert 0 == down(passage).unfinished
            assert PROMPT_S > time.monotonic() - start
            with contextlib.suppress(ConnectionError):
                sock.sendall(request(PRODUCE))
                sock.sendall(request(PRODUCE))
            assert is_closed(sock)
        assert peer.wait(lambda: peer.connections[0].ended)
        assert request(PRODUCE) == peer.data

    def test_a_program_that_never_stops_sending_is_cut_at_the_limit(self, relay: Relay, peer: Peer) -> None:
        with dial_admitted(relay, peer) as (passage, sock):
            flood = threading.Thread(target=send_for_ever, args=(sock,))
            flood.start()
            start = time.monotonic()
            traffic, _ = passage.pens_down(0.15)
            assert 0.15 <= time.monotonic() - start < 0.15 + PROMPT_S
            flood.join(PATIENCE_S)
            assert not flood.is_alive()
        assert 1 == traffic.unfinished
        assert peer.wait(lambda: peer.connections[0].ended)

    @pytest.mark.parametrize("reads", [True, False])
    def test_broker_that_does_not_finish_is_cut_at_the_limit(self, relay: Relay, *, reads: bool) -> None:
        peer = Peer(silence, closes=False)
        if not reads:
            peer.reading.clear()
        with dial_admitted(relay, peer) as (passage, sock):
            sock.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                sock.send(request(PRODUCE, body=bytes(30_000_000)))
            sock.close()
            start = time.monotonic()
            traffic, _ = passage.pens_down(0.1)
            assert 0.1 <= time.monotonic() - start < 0.1 + PROMPT_S
        assert 1 == traffic.unfinished
        peer.reading.set()
        peer.close()

    def test_twice_says_the_same(self, relay: Relay, peer: Peer) -> None:
        passage = relay.admit([peer.address])
        assert passage.pens_down(PATIENCE_S) == passage.pens_down(PATIENCE_S)

    def test_silent_and_half_open_connections_all_at_once(
        self, relay: Relay, peer: Peer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(connection, "QUIET_S", 0.1)
        passage = relay.admit([peer.address])
        with contextlib.ExitStack() as stack:
            threads = relay_threads()
            for _ in range(40):
                stack.enter_context(dial(relay.addresses[0])).sendall(request(METADATA)[:7])
            assert until(lambda: open_connections(passage) == 40)
            assert threads == relay_threads()
            start = time.monotonic()
            assert 40 == down(passage).connections
            assert PROMPT_S > time.monotonic() - start
        assert [] == peer.connections


def send_for_ever(sock: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while True:
            sock.sendall(request(PRODUCE, body=bytes(10_000)))
            read(sock, 8)


class TestCaps:
    def test_connections_at_once(self, relay: Relay, peer: Peer) -> None:
        passage = relay.admit([peer.address], caps=Caps(connections=3))
        with contextlib.ExitStack() as stack:
            held = [stack.enter_context(dial(relay.addresses[0])) for _ in range(3)]
            for _ in range(2):
                with dial(relay.addresses[0]) as refused:
                    assert is_closed(refused)
            held[0].sendall(request(METADATA, 8))
            assert answer(8) == read(held[0], 8)
            held[1].close()
            assert until(lambda: open_connections(passage) == 2)
            with dial(relay.addresses[0]) as again:
                again.sendall(request(METADATA, 9))
                assert answer(9) == read(again, 8)
        assert (4, {"connections": 2}) == ((traffic := down(passage)).connections, traffic.refused)

    def test_connections_in_all(self, relay: Relay, peer: Peer) -> None:
        passage = relay.admit([peer.address], caps=Caps(connections_total=2))
        for _ in range(5):
            with dial(relay.addresses[0]) as sock, contextlib.suppress(ConnectionError):
                sock.sendall(request(METADATA))
                read(sock, 8)
        assert (2, {"connections_total": 3}) == ((traffic := down(passage)).connections, traffic.refused)

    def test_bytes_of_the_program(self, relay: Relay, peer: Peer) -> None:
        with dial_admitted(relay, peer, caps=Caps(bytes_in=20_000)) as (passage, sock):
            with contextlib.suppress(ConnectionError):
                for _ in range(100):
                    sock.sendall(request(PRODUCE, body=bytes(1_000)))
            assert until(lambda: not open_connections(passage))
            traffic = down(passage, sock)
        assert {"bytes_in": 1} == traffic.refused
        assert 20_000 >= traffic.bytes_in >= len(peer.data)

    def test_length_of_a_frame(self, relay: Relay, peer: Peer) -> None:
        with dial_admitted(relay, peer, caps=Caps(frame_bytes=1_000)) as (passage, sock):
            sock.sendall(request(METADATA, 1))
            read(sock, 8)
            sock.sendall(request(METADATA, 2) + request(PRODUCE, 3, body=bytes(1_001)))
            while not is_closed(sock):
                pass
            traffic = down(passage, sock)
        assert ({"frame_bytes": 1}, ()) == (traffic.refused, traffic.not_kafka)
        assert request(METADATA, 1) + request(METADATA, 2) == peer.data

    def test_ten_thousand_knock_and_go(self, relay: Relay, peer: Peer) -> None:
        """A quarter of them here, to stay quick: past the cap either way."""
        threads = relay_threads()
        passage = relay.admit([peer.address])
        for _ in range(2_500):
            reset(dial(relay.addresses[0]))
        traffic = down(passage)
        assert (2_000, 2_500) == (traffic.connections, traffic.connections + sum(traffic.refused.values()))
        assert threads == relay_threads()
        with dial_admitted(relay, peer) as (_, sock):
            sock.sendall(request(METADATA, 6))
            assert answer(6) == read(sock, 8)


class TestBadCompany:
    @pytest.mark.parametrize(
        ("opening", "noted"),
        [
            (TLS_HELLO, r"\x16\x03\x01"),
            (HTTP_GET, r"GET / HTTP/1.1\x0d\x0a"),
            (struct.pack(">i", 2**31 - 1), r"\x7f\xff\xff\xff"),
            (struct.pack(">ihh", 8, 1234, 5679) + bytes(4), r"\x00\x00\x00\x08\x04\xd2"),
        ],
    )
    def test_garbage_is_closed_and_noted(self, relay: Relay, peer: Peer, opening: bytes, noted: str) -> None:
        with dial_admitted(relay, peer) as (passage, sock):
            sock.sendall(opening)
            assert is_closed(sock)
            with dial(relay.addresses[0]) as other:
                other.sendall(request(METADATA, 6))
                assert answer(6) == read(other, 8)
            traffic = down(passage, sock)
        assert (1, True) == (len(traffic.not_kafka), traffic.not_kafka[0].startswith(noted))
        assert request(METADATA, 6) == peer.data

    def test_a_word_and_gone(self, relay: Relay, peer: Peer) -> None:
        with dial_admitted(relay, peer) as (passage, sock):
            sock.sendall(b"hi\n")
            sock.close()
            assert (r"hi\x0a",) == down(passage, sock).not_kafka

    def test_garbage_later_on(self, relay: Relay, peer: Peer) -> None:
        with dial_admitted(relay, peer) as (passage, sock):
            sock.sendall(request(METADATA))
            read(sock, 8)
            sock.sendall(struct.pack(">i", -1))
            assert is_closed(sock)
            assert (r"\xff\xff\xff\xff",) == down(passage, sock).not_kafka

    def test_openings_kept_are_few(self, relay: Relay, peer: Peer) -> None:
        passage = relay.admit([peer.address])
        for _ in range(30):
            with dial(relay.addresses[0]) as sock:
                sock.sendall(HTTP_GET)
                assert is_closed(sock)
        assert 16 == len(down(passage).not_kafka)

    def test_slow_reader_and_slow_sender_hold_up_nobody(self, relay: Relay) -> None:
        peer = Peer(lambda frame: answer(struct.unpack_from(">i", frame, 8)[0], bytes(len(frame) // 100)))
        with dial_admitted(relay, peer) as (passage, greedy), dial(relay.addresses[0]) as dawdler:
            greedy.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                while True:
                    greedy.send(request(METADATA, body=bytes(1_000_000)))
            dawdler.sendall(request(METADATA, 7)[:5])
            for number in range(20):
                with dial(relay.addresses[0]) as sock:
                    sock.sendall(request(METADATA, number, body=b"12"))
                    assert answer(number) == read(sock, 8)
            dawdler.sendall(request(METADATA, 7)[5:])
            assert answer(7) == read(dawdler, 8)
            start = time.monotonic()
            relay.close()
            assert PROMPT_S > time.monotonic() - start
            assert passage.ended
        peer.close()

    def test_what_the_broker_answers_is_not_kafka(self, relay: Relay) -> None:
        peer = Peer(lambda _: b"\xff" * 20)
        with dial_admitted(relay, peer) as (passage, sock):
            sock.sendall(request(METADATA))
            assert is_closed(sock)
            with pytest.raises(GraderError, match="relay failed") as caught:
                down(passage, sock)
        assert "not Kafka's protocol" in caught.value.detail
        peer.close()

    def test_no_failure_of_ours_is_lost(self, relay: Relay, peer: Peer) -> None:
        class Broken(NoFault):
            def on_request(self, door: int, head: Head) -> Decision:
                raise ZeroDivisionError(f"{door} {head.api_key}")

        with dial_admitted(relay, peer, Broken()) as (passage, sock):
            sock.sendall(request(METADATA))
            assert is_closed(sock)
            for _ in range(2):
                with pytest.raises(GraderError, match="relay failed") as caught:
                    down(passage, sock)
        assert "ZeroDivisionError: 0 3" == caught.value.detail
        down(relay.admit([peer.address]))


class TestTally:
    def test_nothing_seen(self) -> None:
        assert Traffic(stall="unreached") == Tally(Caps()).traffic("unreached", reached=None, unfinished=0)

    def test_bytes_up_to_the_cap(self) -> None:
        tally = Tally(Caps(bytes_in=10))
        assert [True, True, False, True, False] == [tally.takes(size) for size in (4, 5, 2, 1, 1)]
        traffic = tally.traffic(None, reached=None, unfinished=0)
        assert (10, {"bytes_in": 2}) == (traffic.bytes_in, traffic.refused)

    def test_brokers_among_themselves_know_no_cap(self) -> None:
        tally = Tally(UNCAPPED)
        assert tally.takes(10**15)
        assert tally.accepts("door", 900)


class TestFaults:
    def test_without_one_everything_passes(self) -> None:
        fault, head = at_work(None), Head(0, 20, 1, PRODUCE)
        assert [PASS, PASS] == [fault.on_request(0, head), fault.on_response(0, head, 9)]
        assert None is fault.reached

    def test_each_has_its_worker(self) -> None:
        faults = (Stall(1), FirstContactDies(), LateFetches("c"), LateFetches("c", delay_s=1))
        assert [False] * 4 == [at_work(fault).reached for fault in faults]
        assert all(isinstance(at_work(fault), FaultAtWork) for fault in faults)
        assert isinstance(own := NoFault(), FaultAtWork)
        assert own is at_work(own)

    def test_stall_holds_once(self) -> None:
        fault = Stalling(Stall(4.5))
        keys = (METADATA, PRODUCE, PRODUCE)
        decisions = [fault.on_request(0, Head(0, 20, 1, key)) for key in keys]
        assert [PASS, Decision(hold_s=4.5, drops=True), PASS] == decisions
        assert "unreached" == fault.outcome

    @pytest.mark.parametrize(
        ("key", "client", "door", "held"),
        [(FETCH, "f", 1, True), (FETCH, "f", 0, False), (FETCH, "g", 1, False), (METADATA, "f", 1, False)],
    )
    def test_whose_fetches_wait(self, key: int, client: str, door: int, *, held: bool) -> None:
        question = Head(0, 20, 1, key, 9, client)
        for fault, expected in (
            (LateFetches("f", door=1), Decision(hold_s=math.inf, drops=True)),
            (LateFetches("f", door=1, delay_s=0.2), Decision(hold_s=0.2)),
        ):
            assert (expected if held else PASS) == at_work(fault).on_response(door, question, 9)


def ignore(failure: Exception) -> None:
    del failure


class TestLoop:
    @pytest.fixture
    def loop(self) -> Iterator[Loop]:
        loop = Loop("loop under test")
        yield loop
        loop.close()

    def test_timers_ring_in_their_order(self, loop: Loop) -> None:
        rung: list[str] = []
        done = threading.Event()

        def set_them() -> None:
            loop.after(0.03, done.set, ignore)
            loop.after(0.02, lambda: rung.append("second"), ignore)
            loop.after(0.01, lambda: rung.append("first"), ignore)
            loop.after(0.015, lambda: rung.append("cancelled"), ignore).cancel()

        loop.call(set_them)
        assert done.wait(PATIENCE_S)
        assert ["first", "second"] == rung

    def test_a_call_returns_and_raises_where_it_was_made(self, loop: Loop) -> None:
        assert "loop under test" == loop.call(lambda: threading.current_thread().name)
        with pytest.raises(ZeroDivisionError):
            loop.call(lambda: 1 // 0)

    def test_a_timer_that_raises_is_told(self, loop: Loop) -> None:
        told: list[Exception] = []
        loop.call(lambda: loop.after(0, lambda: print(1 // 0), told.append))
        assert until(lambda: len(told) == 1)
        assert isinstance(told[0], ZeroDivisionError)
        assert 5 == loop.call(lambda: 5)

    def test_a_loop_that_fails_closes_its_sockets_and_says_why(self, loop: Loop) -> None:
        class Untold:
            def ready(self, end: End, events: int) -> None:
                raise ZeroDivisionError

            def fail(self, failure: Exception) -> None:
                raise failure

        ours, theirs = socket.socketpair()
        end = End(loop, ours, Untold())
        loop.call(lambda: end.expect(READ))
        theirs.sendall(b"x")
        assert until(lambda: loop.over)
        with pytest.raises(GraderError, match="after its end") as caught:
            loop.call(lambda: 5)
        assert isinstance(caught.value.__cause__, ZeroDivisionError)
        assert until(lambda: ours.fileno() == -1)
        theirs.close()


class TestFirstContactDies:
    def test_door_shuts_once_the_answer_has_passed(self, peer: Peer) -> None:
        body = bytes(range(256)) * 8_000
        talker = Peer(lambda frame: answer(struct.unpack_from(">i", frame, 8)[0], body))
        with Relay.listen(doors=2) as relay:
            passage = relay.admit([talker.address, peer.address], fault=FirstContactDies(door=0))
            with contextlib.ExitStack() as stack:
                first, second = (stack.enter_context(dial(relay.addresses[0])) for _ in range(2))
                other = stack.enter_context(dial(relay.addresses[1]))
                first.sendall(request(API_VERSIONS, 1) + request(METADATA, 2) + request(METADATA, 3))
                assert answer(1, body) + answer(2, body) == read(first, 10**8)
                assert is_closed(second)
                other.sendall(request(METADATA, 4))
                assert answer(4) == read(other, 8)
                with dial(relay.addresses[0]) as late:
                    assert is_closed(late)
            assert (True, None) == ((traffic := down(passage)).fault_reached, traffic.stall)
            down_again = relay.admit([talker.address, peer.address])
            with dial(relay.addresses[0]) as sock:
                sock.sendall(request(METADATA, 5))
                assert answer(5, body) == read(sock, 8 + len(body))
            down(down_again)
        talker.close()

    def test_a_door_of_the_passage_refuses_afterwards(self, relay: Relay, peer: Peer) -> None:
        passage = relay.admit([peer.address], fault=FirstContactDies(door=1), extra_doors=["127.0.0.1:0"])
        for address, closes in zip(passage.addresses, (False, True), strict=True):
            with dial(address) as sock:
                sock.sendall(request(METADATA, 5))
                assert answer(5) == read(sock, 8)
                assert closes != is_silent(sock)
        with pytest.raises(ConnectionRefusedError):
            dial(passage.addresses[1])
        down(passage)

    def test_whichever_door_is_the_first(self, relay: Relay, peer: Peer) -> None:
        addresses = ["127.0.0.1:0"] * 2
        passage = relay.admit([peer.address], fault=FirstContactDies(), extra_doors=addresses)
        for number, closes in ((2, True), (1, False), (0, False)):
            with dial(passage.addresses[number]) as sock:
                sock.sendall(request(METADATA, 5))
                assert answer(5) == read(sock, 8)
                assert closes != is_silent(sock)
        down(passage)

    def test_unreached_without_metadata(self, relay: Relay, peer: Peer) -> None:
        with dial_admitted(relay, peer, FirstContactDies()) as (passage, sock):
            sock.sendall(request(API_VERSIONS, 5))
            assert answer(5) == read(sock, 8)
            assert False is down(passage, sock).fault_reached


class TestFetches:
    FOLLOWER = "broker-3-fetcher-0"

    def test_held_until_released(self, relay: Relay, peer: Peer) -> None:
        with dial_admitted(relay, peer, LateFetches(self.FOLLOWER)) as (passage, sock):
            sock.sendall(request(API_VERSIONS, 1, client=self.FOLLOWER))
            assert answer(1) == read(sock, 8)
            sock.sendall(request(FETCH, 2, client=self.FOLLOWER) + request(FETCH, 3, client=self.FOLLOWER))
            assert passage.reached.wait(PATIENCE_S)
            assert is_silent(sock)
            with dial(relay.addresses[0]) as other:
                other.sendall(request(FETCH, 4, client="broker-2-fetcher-0"))
                assert answer(4) == read(other, 8)
            passage.release()
            assert answer(2) + answer(3) == read(sock, 16)
            assert True is down(passage, sock).fault_reached

    def test_an_answer_awaited_already_is_held_too(self, relay: Relay) -> None:
        go_on = threading.Event()

        def reply(frame: bytes) -> bytes:
            go_on.wait(PATIENCE_S)
            return acknowledge(frame)

        peer = Peer(reply)
        with dial_admitted(relay, peer) as (passage, sock):
            sock.sendall(request(FETCH, 2, client=self.FOLLOWER))
            assert peer.gets(request(FETCH, 2, client=self.FOLLOWER))
            passage.inflict(LateFetches(self.FOLLOWER))
            go_on.set()
            assert passage.reached.wait(PATIENCE_S)
            assert is_silent(sock)
            passage.inflict(LateFetches("another"))
            assert answer(2) == read(sock, 8)
            assert not passage.reached.is_set()
        peer.close()

    def test_produce_without_answers_confuses_nothing(self, relay: Relay) -> None:
        """With acks=0 a Produce is never answered; what comes is matched by correlation id."""
        peer = Peer(lambda frame: b"" if frame[5] == PRODUCE else acknowledge(frame))
        with dial_admitted(relay, peer, LateFetches("c")) as (passage, sock):
            sock.sendall(request(PRODUCE, 1) + request(METADATA, 2) + request(PRODUCE, 3) + request(FETCH, 4))
            assert answer(2) == read(sock, 8)
            assert passage.reached.wait(PATIENCE_S)
            assert is_silent(sock)
        peer.close()

    def test_dropped_when_the_broker_dies(self, relay: Relay, peer: Peer) -> None:
        with dial_admitted(relay, peer, LateFetches("c")) as (passage, sock):
            sock.sendall(request(FETCH, 2))
            assert passage.reached.wait(PATIENCE_S)
            peer.close()
            assert is_closed(sock)

    def test_only_at_one_door(self, peer: Peer) -> None:
        with Relay.listen(doors=2) as relay:
            passage = relay.admit([peer.address] * 2, fault=LateFetches("c", door=1))
            with dial(relay.addresses[0]) as free, dial(relay.addresses[1]) as held:
                for sock in (free, held):
                    sock.sendall(request(FETCH, 2))
                assert answer(2) == read(free, 8)
                assert is_silent(held)
            down(passage)

    def test_delayed_one_by_one(self, relay: Relay, peer: Peer) -> None:
        with dial_admitted(relay, peer, LateFetches("c", delay_s=0.05)) as (_, sock):
            start = time.monotonic()
            sock.sendall(request(FETCH, 2) + request(FETCH, 3) + request(METADATA, 4))
            assert answer(2) + answer(3) + answer(4) == read(sock, 24)
            assert 0.1 <= time.monotonic() - start

    def test_delayed_ones_outlive_the_broker(self, relay: Relay, peer: Peer) -> None:
        with dial_admitted(relay, peer, LateFetches("c", delay_s=0.1)) as (passage, sock):
            sock.sendall(request(FETCH, 2))
            assert passage.reached.wait(PATIENCE_S)
            peer.close()
            assert answer(2) == read(sock, 100)

    def test_nothing_is_held_at_pens_down(self, relay: Relay, peer: Peer) -> None:
        with dial_admitted(relay, peer, LateFetches("c")) as (passage, sock):
            sock.sendall(request(FETCH, 2))
            assert passage.reached.wait(PATIENCE_S)
            start = time.monotonic()
            assert 0 == down(passage, sock).unfinished
            assert PROMPT_S > time.monotonic() - start


class TestClosing:
    def test_everything_ends_at_once(self, peer: Peer) -> None:
        threads = relay_threads()
        relay = Relay.listen(doors=3)
        passage = relay.admit([peer.address] * 3, fault=Stall(LONG_S), extra_doors=["127.0.0.1:0"])
        with contextlib.ExitStack() as stack:
            socks = [stack.enter_context(dial(address)) for address in passage.addresses]
            socks[0].sendall(request(PRODUCE))
            assert passage.reached.wait(PATIENCE_S)
            start = time.monotonic()
            relay.close()
            relay.close()
            assert PROMPT_S > time.monotonic() - start
            assert all(is_closed(sock) for sock in socks)
        for address in passage.addresses:
            with pytest.raises(ConnectionRefusedError):
                dial(address)
        assert "dropped" == down(passage).stall
        assert threads == relay_threads()

    def test_a_closed_relay_says_so(self, relay: Relay, peer: Peer) -> None:
        relay.close()
        with pytest.raises(GraderError, match="after its end"):
            relay.admit([peer.address])
