"""One connection of the program, the one to the broker that continues it, and the bytes between.

Nothing is read from a side before the other has taken what was read last, so a slow peer costs one
chunk of memory and holds up nobody else. The broker is dialled when the first request's head is
complete: what does not speak Kafka never reaches it.
"""

import contextlib
import math
import socket
from collections import deque
from typing import Protocol

from grader.relay.doors import Door, address_of
from grader.relay.faults import PASS, Decision, FaultAtWork
from grader.relay.flow import HELD_BYTES, Flow, Held
from grader.relay.frames import PRODUCE, Head, answers, printable, requests
from grader.relay.loop import READ, WRITE, End, Loop
from grader.relay.tally import Tally

# After pens down: a dead program's last bytes come at once, and its end with them; the connection of
# a living one is silent or goes on. Silent for so long means alive, and is cut.
QUIET_S = 0.5
# Heads of requests kept to know what an answer answers. A broker answers one after another.
_QUESTIONS = 1_000


class Host(Protocol):
    """What a connection needs of the passage it belongs to."""

    loop: Loop
    fault: FaultAtWork
    tally: Tally

    def dial(self, door: Door) -> socket.socket:
        """Begin to connect to the broker behind a door."""
        ...

    def trigger_came(self) -> None:
        """The fault's trigger has come."""
        ...

    def shut(self, door: Door) -> None:
        """A door dies with its connections."""
        ...

    def unreachable(self, door: Door) -> None:
        """The broker behind a door does not answer."""
        ...

    def left(self, connection: "Connection") -> None:
        """A connection is over."""
        ...

    def failed(self, failure: Exception) -> None:
        """Something of ours went wrong."""
        ...


class Connection:
    """A program's connection through a door."""

    def __init__(self, host: Host, door: Door, client: socket.socket) -> None:
        _send_at_once(client)
        self.door = door
        self._host = host
        self._client = End(host.loop, client, self)
        self._broker: End | None = None
        self._dialling = False
        self._up = Flow(requests(host.tally.caps.frame_bytes))
        self._down = Flow(answers())
        self._questions: deque[Head] = deque()
        self._half_closed = False
        self._heard = False
        self._draining = False
        self._over = False
        self._client.expect(READ)

    def ready(self, end: End, events: int) -> None:
        """Move bytes as far as they go without waiting."""
        source, sink = (self._up, self._down) if end is self._client else (self._down, self._up)
        if events & WRITE and (not self._dialling or self._reached_broker()):
            self._flush(sink)
        if events & READ and not self._over:
            self._read(source)
        self._settle()

    def fail(self, failure: Exception) -> None:
        """Give this connection up; the others go on."""
        self._host.failed(failure)
        self.close(reset=True)

    def hang_up(self) -> None:
        """End the program's side now; what it has sent is still handed to the broker."""
        self._client.close()
        self._down.close_sink()
        self._drop(self._up)
        self._drop(self._down)
        self._up.ended = True
        self._settle()

    def drain(self) -> None:
        """The program has ended: read its last bytes to the end, hand them on, drop what is held."""
        self._draining = True
        self._heard = False
        self._down.close_sink()
        self._drop(self._down)
        if self._up.held is not None:
            self.hang_up()
            return
        self._host.loop.after(QUIET_S, self._listen_for_life, self.fail)
        self._settle()

    def lift(self) -> None:
        """Let go what is held."""
        for flow in (self._up, self._down):
            self._release(flow)

    def close(self, *, reset: bool = False) -> None:
        """End both sides; with `reset` the broker is given nothing that it has not got."""
        if self._over:
            return
        self._over = True
        for flow in (self._up, self._down):
            self._drop(flow)
            flow.pending.clear()
        self._client.close(reset=reset)
        if self._broker is not None:
            self._broker.close(reset=reset)
        self._host.left(self)

    def _settle(self) -> None:
        """See what has come to its end, and await what is due next."""
        if self._over:
            return
        if self._down.last == 0 and not self._down.pending:
            self._down.last = None
            self._host.shut(self.door)
            return
        if self._up.finished and not self._half_closed:
            if self._broker is None:
                self.close()
                return
            self._half_closed = True
            with contextlib.suppress(OSError):
                self._broker.sock.shutdown(socket.SHUT_WR)
        if self._down.finished:
            self.close()
            return
        self._client.expect(self._up.reading | self._down.writing)
        if self._broker is not None:
            self._broker.expect(self._down.reading | self._up.writing)

    def _read(self, flow: Flow) -> None:
        source = self._client if flow is self._up else self._broker
        if source is None or source.closed or flow.ended:
            return
        buffer = self._host.loop.buffer
        try:
            size = source.sock.recv_into(buffer)
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            size = 0
        if not size:
            self._end(flow)
        elif flow is self._down:
            self._advance(flow, buffer[:size])
        elif self._host.tally.takes(size):
            self._heard = True
            self._advance(flow, buffer[:size])
        else:
            self.hang_up()

    def _end(self, flow: Flow) -> None:
        flow.ended = True
        if flow.held is not None and flow.held.decision.drops:
            self._drop(flow)
        if flow is self._up and flow.frames.broken is None and flow.frames.rest and self._broker is None:
            self._host.tally.not_kafka(printable(flow.frames.rest))

    def _advance(self, flow: Flow, data: memoryview) -> None:
        """Pass on what may pass of the bytes just read."""
        if flow.held is not None:
            flow.held.chunks.append(bytes(data))
            flow.held.size += len(data)
            return
        ready, heads = flow.frames.feed(data)
        for head in heads:
            decision = self._judge(flow, head)
            if decision.hold_s:
                rest = bytes(ready[head.at :]) + flow.frames.rewind()
                self._pass(flow, ready[: head.at])
                self._hold(flow, decision, rest)
                return
            if decision.then_shut:
                flow.last = head.at + head.size
                self._host.trigger_came()
        self._pass(flow, ready)
        if flow.frames.broken is not None:
            self._refuse(flow)

    def _judge(self, flow: Flow, head: Head) -> Decision:
        pardoned, flow.pardoned = flow.pardoned, False
        if flow is self._down:
            return self._judge_answer(head, pardoned=pardoned)
        decision = PASS if pardoned else self._host.fault.on_request(self.door.number, head)
        if not decision.hold_s:
            self._host.tally.request(head.api_key)
            # A Produce with acks=0 is never answered, so none is waited for.
            if head.api_key != PRODUCE and len(self._questions) < _QUESTIONS:
                self._questions.append(head)
        return decision

    def _judge_answer(self, head: Head, *, pardoned: bool) -> Decision:
        if pardoned or not self._questions or self._questions[0].correlation_id != head.correlation_id:
            return PASS
        if self._down.deaf:
            return PASS
        return self._host.fault.on_response(self.door.number, self._questions.popleft(), head.size)

    def _pass(self, flow: Flow, data: memoryview) -> None:
        if flow.last is not None:
            data = data[: flow.last]
            flow.last -= len(data)
        if flow.deaf or not data:
            return
        if self._broker is None:
            self._dial()
        if self._over:
            return
        if not flow.pending and not self._dialling:
            data = data[self._send(flow, data) :]
        if data and not flow.deaf:
            flow.pending.append(memoryview(bytes(data)))

    def _send(self, flow: Flow, data: memoryview) -> int:
        sink = self._broker if flow is self._up else self._client
        assert sink is not None
        try:
            return sink.sock.send(data)
        except (BlockingIOError, InterruptedError):
            return 0
        except OSError:
            flow.close_sink()
            if flow is self._up:
                # A broker that is gone needs nothing more; of a program that is gone the rest is read.
                flow.ended = True
            return 0

    def _flush(self, flow: Flow) -> None:
        while flow.pending:
            data = flow.pending[0]
            sent = self._send(flow, data)
            if flow.deaf:
                return
            if sent < len(data):
                flow.pending[0] = data[sent:]
                return
            flow.pending.popleft()

    def _dial(self) -> None:
        try:
            broker = self._host.dial(self.door)
        except ConnectionError:
            self._lose_broker()
            return
        self._dialling = True
        self._broker = End(self._host.loop, broker, self)

    def _lose_broker(self) -> None:
        self._host.tally.refuse("broker_unreachable")
        self._host.unreachable(self.door)
        self.close()

    def _reached_broker(self) -> bool:
        assert self._broker is not None
        self._dialling = False
        if self._broker.sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
            self._lose_broker()
            return False
        _send_at_once(self._broker.sock)
        self._host.tally.sources.add(address_of(self._broker.sock))
        return True

    def _hold(self, flow: Flow, decision: Decision, rest: bytes) -> None:
        self._host.trigger_came()
        if self._draining:
            self._host.fault.on_hold_end("dropped")
            self.hang_up()
            return
        timer = None
        if decision.hold_s < math.inf:
            timer = self._host.loop.after(decision.hold_s, lambda: self._release(flow), self.fail)
        flow.held = Held(self._host.fault, decision, [rest], len(rest), timer)

    def _release(self, flow: Flow) -> None:
        self._look_for_end(flow)
        held, flow.held = flow.held, None
        if held is not None:
            held.cancel()
            held.fault.on_hold_end("released")
            flow.pardoned = True
            for chunk in held.chunks:
                self._advance(flow, memoryview(chunk))
        self._settle()

    def _look_for_end(self, flow: Flow) -> None:
        """See a hang-up that has come already, behind bytes that were not read yet."""
        before = -1
        while flow.held is not None and before < flow.held.size < 2 * HELD_BYTES:
            before = flow.held.size
            self._read(flow)

    def _drop(self, flow: Flow) -> None:
        held, flow.held = flow.held, None
        if held is not None:
            held.cancel()
            held.fault.on_hold_end("dropped")

    def _refuse(self, flow: Flow) -> None:
        if flow is self._down:
            raise ValueError("What the broker answered is not Kafka's protocol.")
        if self._broker is not None and flow.frames.broken == "too_long":
            self._host.tally.refuse("frame_bytes")
        else:
            self._host.tally.not_kafka(printable(flow.frames.rest))
        self.hang_up()

    def _listen_for_life(self) -> None:
        if self._over or self._up.ended:
            return
        if self._heard or self._up.pending:
            self._heard = False
            self._host.loop.after(QUIET_S, self._listen_for_life, self.fail)
        else:
            self.hang_up()


def _send_at_once(sock: socket.socket) -> None:
    # Refused by some systems where the peer has gone already, which shows soon enough.
    with contextlib.suppress(OSError):
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
