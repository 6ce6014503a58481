"""Lab `missing-topic`: which call raises when there is no such topic, when, and what shortens the wait."""

import asyncio
import linecache
import random
import re
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import aiokafka
import confluent_kafka
from aiokafka.errors import KafkaError as AiokafkaError
from kafka import KafkaProducer
from kafka.errors import KafkaError

from grader.labs import Lab
from grader.labs.finding import Finding, Table
from grader.labs.plot import Bar, bars
from grader.labs.spread import Spread
from grader.labs.stage import Stage
from grader.model import Topic

ROUNDS = 3
# How far a wait may be from the setting that it is said to follow.
SLACK_S = 0.4
UNKNOWN = "UNKNOWN_TOPIC_OR_PARTITION"

Ended = tuple[float, Exception | None]


def send(servers: str, max_block_ms: int) -> Ended:
    """The producer has to know the topic before it can choose a partition."""
    producer = KafkaProducer(bootstrap_servers=servers, max_block_ms=max_block_ms)
    started, raised = time.monotonic(), None
    try:
        future = producer.send("no-such-topic", b"hello")
        future.get(timeout=0.1)
    except KafkaError as error:
        raised = error
    took_s = time.monotonic() - started
    producer.close()
    return took_s, raised


def send_confluent(servers: str, max_ms: int) -> Ended:
    """produce() returns at once; the delivery report comes while flush() waits."""
    producer = confluent_kafka.Producer(
        {"bootstrap.servers": servers, "topic.metadata.propagation.max.ms": max_ms}
    )

    def report(error: confluent_kafka.KafkaError | None, _record: confluent_kafka.Message) -> None:
        if error is not None:
            raise confluent_kafka.KafkaException(error)

    started, raised = time.monotonic(), None
    try:
        producer.produce("no-such-topic", b"hello", on_delivery=report)
        producer.flush()
    except confluent_kafka.KafkaException as error:
        raised = error
    took_s = time.monotonic() - started
    producer.close()
    return took_s, raised


async def send_aiokafka(servers: str, request_timeout_ms: int) -> Ended:
    """Here, too, send() is what waits."""
    async with aiokafka.AIOKafkaProducer(
        bootstrap_servers=servers, request_timeout_ms=request_timeout_ms
    ) as producer:
        started, raised = time.monotonic(), None
        try:
            future = await producer.send("no-such-topic", b"hello")
            await future
        except AiokafkaError as error:
            raised = error
        return time.monotonic() - started, raised


def _run_aiokafka(servers: str, request_timeout_ms: int) -> Ended:
    return asyncio.run(send_aiokafka(servers, request_timeout_ms))


@dataclass(frozen=True, slots=True)
class Attempt:
    """What became of sending with one setting.

    Attributes:
        call: The call that raised, or nothing.
        raised: The name of what it raised.
        default_s: What the setting is unless it is set.
    """

    client: str
    setting: str
    limit_s: float
    default_s: float
    call: str
    raised: str
    after: Spread

    @property
    def follows(self) -> bool:
        """Whether the wait is as long as the setting says."""
        return self.limit_s <= self.after.low + SLACK_S and self.after.high <= self.limit_s + SLACK_S


@dataclass(frozen=True, slots=True)
class Figures:
    """What was measured.

    Attributes:
        asked: Metadata requests that were answered by `UNKNOWN_TOPIC_OR_PARTITION`.
        exists: Whether the topic was there afterwards.
    """

    attempts: tuple[Attempt, ...]
    asked: int
    exists: bool


@dataclass(frozen=True, slots=True)
class Condition:
    """A client and the setting that is tried."""

    client: str
    run: Callable[[str, int], Ended]
    setting: str
    limit_ms: int
    default_ms: int


DEFAULT_MS: int = KafkaProducer.DEFAULT_CONFIG["max_block_ms"]
CONDITIONS = (
    *(
        Condition("kafka-python", send, "max_block_ms", limit_ms, DEFAULT_MS)
        for limit_ms in (500, 1_000, 2_000)
    ),
    # Defaults as librdkafka's CONFIGURATION.md and aiokafka's documentation state them.
    Condition("confluent-kafka", send_confluent, "topic.metadata.propagation.max.ms", 1_000, 30_000),
    Condition("aiokafka", _run_aiokafka, "request_timeout_ms", 1_000, 40_000),
)


def measure(stage: Stage, _draw: random.Random) -> Figures:
    """Let all programs wait side by side."""
    stage.make(Topic("orders"))
    trials = [condition for _ in range(ROUNDS) for condition in CONDITIONS]
    with stage.watch() as seen, ThreadPoolExecutor(len(trials)) as pool:
        ended = list(pool.map(lambda each: tried(each, stage.servers), trials))
    by_condition = [
        (each, [end for trial, end in zip(trials, ended, strict=True) if trial is each])
        for each in CONDITIONS
    ]
    return Figures(
        attempts=tuple(attempt(*each) for each in by_condition),
        asked=sum(
            any((part.topic, part.error) == ("no-such-topic", UNKNOWN) for part in each.parts)
            for each in seen.requests
        ),
        exists="no-such-topic" in stage.sizes(),
    )


def tried(condition: Condition, servers: str) -> tuple[float, str, str]:
    """Run a program once; return how long it waited, the call that raised, and what."""
    took_s, error = condition.run(servers, condition.limit_ms)
    return took_s, raising_call(error), error_name(error)


def attempt(condition: Condition, ended: Sequence[tuple[float, str, str]]) -> Attempt:
    """Summarise the runs of one condition."""
    waits, calls, names = zip(*ended, strict=True)
    return Attempt(
        condition.client,
        condition.setting,
        condition.limit_ms / 1000,
        condition.default_ms / 1000,
        " or ".join(sorted(set(calls))),
        " or ".join(sorted(set(names))),
        Spread.of(waits),
    )


def raising_call(error: Exception | None) -> str:
    """Return the call on that line of the program where the error came out, from its traceback."""
    trace = error.__traceback__ if error else None
    if trace is None:
        return "none"
    line = linecache.getline(trace.tb_frame.f_code.co_filename, trace.tb_lineno)
    call = re.search(r"\.(\w+)\(", line)
    return f"{call[1]}()" if call else line.strip()


def error_name(error: Exception | None) -> str:
    """Return the error as its library names it."""
    if isinstance(error, confluent_kafka.KafkaException):
        return str(error.args[0].name())
    return type(error).__name__ if error else "nothing"


def sentence(figures: Figures) -> str:
    """Say what the figures say."""
    own = [each for each in figures.attempts if each.client == "kafka-python"]
    first = own[0]
    waits = ", ".join(f"{each.after.median:.1f}" for each in own)
    limits = ", ".join(f"{each.limit_s * 1000:,.0f}" for each in own)
    same = len({(each.call, each.raised) for each in own}) == 1
    what = f"{first.call} raised {first.raised}" if same else "what raised was not always the same call"
    decides = (
        f"so {first.setting} decides, and its default means {first.default_s:.0f} s"
        if all(each.follows for each in own)
        else f"which {first.setting} alone does not explain"
    )
    made = "the topic was made meanwhile" if figures.exists else "no topic was made"
    return f"With kafka-python {what} after {waits} s at {first.setting} {limits}, {decides}; {made}."


def show(figures: Figures) -> Finding:
    """Show who raised what, and when."""
    rows = tuple(
        (
            each.client,
            f"{each.setting}={each.limit_s * 1000:.0f}",
            f"{each.default_s:.0f} s",
            each.call,
            each.raised,
            f"{each.after.median:.2f} s",
        )
        for each in figures.attempts
    )
    waits = [
        Bar(
            f"{each.client}, {each.limit_s:g} s stated",
            each.after,
            f"{each.after.median:.2f} s",
            mark=each.client == "kafka-python",
        )
        for each in figures.attempts
    ]
    return Finding(
        table=Table(("client", "setting", "its default", "raised by", "error", "after"), rows),
        plot=bars("Seconds from the call to the error", waits),
        sentence=sentence(figures),
        notes=(
            f"“After” is the median of {ROUNDS} runs; the whiskers are the shortest and the longest.",
            "get(timeout=0.1) stands behind send(): where send() raised, it was never reached.",
            f"The broker was asked for the topic, and answered {UNKNOWN}, {figures.asked} times.",
            "With confluent-kafka the error comes with the delivery report, out of flush().",
        ),
    )


LAB = Lab(
    question="A topic does not exist: which call raises, and when?",
    measure=measure,
    show=show,
    programs=(send, send_confluent, send_aiokafka),
)
