"""The rubric of 04: acks as they are on the wire, and predictions held against experiments."""

import dataclasses
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from grader import (
    BrokerStopped,
    Draw,
    Evidence,
    LeaderKilled,
    Prediction,
    Record,
    ReplicationSlowed,
    Scenario,
    Stall,
    Topic,
    advises,
    after,
    claims,
    expect,
    points,
    reads_requests,
    under,
)

TOPIC = "payments"
ACKS = {"0": 0, "1": 1, "all": -1}
# No round number, which a program may have by itself.
COUNTS = tuple(number for number in range(30, 400) if number % 10)
EXPERIMENTS = Path(__file__).parent / "experiments"
# Of twelve measurements, the third and the tenth hold the true median between them in 96 cases of 100.
AWAITED, LEFT_OUT = 12, 2
TWO_IN_SYNC = {"min.insync.replicas": "2"}
LEADER, FOLLOWER = 2, 3
# More than the first records take, less than the one behind which the copies stop.
COPIED_BYTES = 20_000
LIMIT_BYTES = 10_000


def _sending(draw: Draw, acks: str) -> Scenario:
    partitions, counts = draw.randint(3, 12), draw.sample(COUNTS, len(ACKS))
    count = dict(zip(ACKS, counts, strict=True))[acks]
    return Scenario(
        name=f"acks_{acks}",
        title=f"called with ACKS {acks}, the path is free",
        topics=(Topic(TOPIC, partitions),),
        args=(acks, f"{count}"),
    )


def acks_all(draw: Draw) -> Scenario:
    """`all`, on a free path."""
    return _sending(draw, "all")


def acks_1(draw: Draw) -> Scenario:
    """1, on a free path."""
    return _sending(draw, "1")


def acks_0(draw: Draw) -> Scenario:
    """0, on a free path."""
    return _sending(draw, "0")


def stalled(draw: Draw) -> Scenario:
    """`all` again, and the first Produce is held."""
    free = _sending(draw, "all")
    title = "called with ACKS all, the broker gets the first record 4 to 5 s late"
    return dataclasses.replace(free, name="stalled", title=title, fault=Stall(hold_s=draw.uniform(4, 5)))


def _experiment(name: str, title: str, topics: Sequence[Topic], *args: object) -> Scenario:
    return Scenario(
        name=name,
        title=f"experiment: {title}",
        topics=tuple(topics),
        args=tuple(f"{each}" for each in args),
        program=(EXPERIMENTS / f"{name}.py").read_bytes(),
    )


def defaults(draw: Draw) -> Scenario:
    """A producer that is told nothing but the address."""
    del draw
    return _experiment("defaults", "a producer with its defaults, one with acks=1", [Topic(TOPIC, 1)])


def no_answer(draw: Draw) -> Scenario:
    """Records that can and that cannot be stored, with acks=0 and with acks=1."""
    topic = Topic(TOPIC, 1, {"max.message.bytes": f"{LIMIT_BYTES}"}, begins_at=(draw.randint(11, 49),))
    return _experiment("no_answer", "a record too large, with acks=0", [topic], draw.randint(5, 15))


def waiting(draw: Draw) -> Scenario:
    """Awaited sends, while every copy comes late."""
    delay_s = draw.randint(50, 80) / 1000
    title = f"awaited sends, every copy between three brokers {delay_s * 1000:.0f} ms late"
    topic = Topic("slowed", 1, TWO_IN_SYNC, ((LEADER, 1, FOLLOWER),))
    free = _experiment("waiting", title, [topic], AWAITED)
    return dataclasses.replace(free, brokers=3, fault=ReplicationSlowed(delay_s))


def _of_two(name: str) -> Topic:
    return Topic(name, 1, TWO_IN_SYNC, ((LEADER, FOLLOWER),))


def leader_dies(draw: Draw) -> Scenario:
    """A leader is killed whose follower lacks records."""
    title = "the leader dies before its follower has a copy"
    free = _experiment("leader_dies", title, [_of_two("one"), _of_two("all")], draw.randint(15, 40))
    fault = LeaderKilled(leader=LEADER, behind=FOLLOWER, after_bytes=COPIED_BYTES)
    return dataclasses.replace(free, brokers=3, fault=fault)


def too_few(draw: Draw) -> Scenario:
    """One of two replicas is down, and the topic asks for two."""
    free = _experiment("too_few", "one of two replicas is down", [_of_two(TOPIC)], draw.randint(15, 40))
    return dataclasses.replace(free, brokers=3, fault=BrokerStopped(FOLLOWER))


def _count(evidence: Evidence) -> int:
    return int(evidence.scenario.args[1])


@points(1)
@under(acks_all)
def check_ends_all(evidence: Evidence) -> None:
    """Called with ACKS `all`, the program ends by itself, with exit code 0."""
    expect.program_ends(evidence)


@points(1)
@under(acks_all)
def check_arrives_all(evidence: Evidence) -> None:
    """Called with ACKS `all`, it sends to `payments`."""
    expect.records_arrive(evidence, TOPIC)


@points(3)
@under(acks_all)
@after(check_arrives_all)
@reads_requests
def check_acks_all(evidence: Evidence) -> None:
    """Called with ACKS `all`, every Produce request asks for all in-sync replicas."""
    expect.acks_are(evidence, ACKS["all"])


@points(3)
@under(acks_all)
@after(check_arrives_all)
def check_stored_all(evidence: Evidence) -> None:
    """Called with ACKS `all`, COUNT records are stored, neither more nor fewer."""
    expect.stored_as_told(evidence, TOPIC, _count(evidence))


@points(1)
@under(acks_1)
def check_ends_1(evidence: Evidence) -> None:
    """Called with ACKS 1, the program ends by itself, with exit code 0."""
    expect.program_ends(evidence)


@points(1)
@under(acks_1)
def check_arrives_1(evidence: Evidence) -> None:
    """Called with ACKS 1, it sends to `payments`."""
    expect.records_arrive(evidence, TOPIC)


@points(3)
@under(acks_1)
@after(check_arrives_1)
@reads_requests
def check_acks_1(evidence: Evidence) -> None:
    """Called with ACKS 1, every Produce request asks for the leader's answer alone."""
    expect.acks_are(evidence, ACKS["1"])


@points(3)
@under(acks_1)
@after(check_arrives_1)
def check_stored_1(evidence: Evidence) -> None:
    """Called with ACKS 1, COUNT records are stored, neither more nor fewer."""
    expect.stored_as_told(evidence, TOPIC, _count(evidence))


@points(1)
@under(acks_0)
def check_ends_0(evidence: Evidence) -> None:
    """Called with ACKS 0, the program ends by itself, with exit code 0."""
    expect.program_ends(evidence)


@points(1)
@under(acks_0)
def check_arrives_0(evidence: Evidence) -> None:
    """Called with ACKS 0, it sends to `payments`."""
    expect.records_arrive(evidence, TOPIC)


@points(3)
@under(acks_0)
@after(check_arrives_0)
@reads_requests
def check_acks_0(evidence: Evidence) -> None:
    """Called with ACKS 0, no Produce request asks for an answer."""
    expect.acks_are(evidence, ACKS["0"])


@points(2)
@under(acks_all, stalled)
@after(check_arrives_all)
def check_delivered(free: Evidence, held: Evidence) -> None:
    """The records arrive even when the broker gets the first of them some seconds late."""
    expect.delivered(free, held, TOPIC)


@points(1)
@under(stalled)
@after(check_ends_all, check_delivered)
def check_ends_late(evidence: Evidence) -> None:
    """The program waits for that, and still ends with exit code 0."""
    expect.program_ends(evidence)


QUESTIONS = claims(Path(__file__).with_name("rubric.toml"))


@points(1)
@under(defaults)
def check_answers(evidence: Evidence) -> None:
    """`answers.toml` can be read, and holds predictions."""
    expect.answers_read(evidence, tuple(QUESTIONS.values()))


@points(1)
@under(defaults)
@after(check_answers)
@reads_requests
def check_default_acks(evidence: Evidence) -> Prediction:
    """The prediction `default_acks` is what the broker shows."""
    _require_success(evidence)
    (acks,) = {each.acks for each in evidence.requests_of("PRODUCE") if each.client_id == "untouched"}
    truth = {0: "zero", 1: "one", -1: "all"}[acks or 0]
    because = f"its Produce request, as the broker logged it, asked for acks={'all' if acks == -1 else acks}."
    return expect.answer(evidence, QUESTIONS["default_acks"], truth=truth, because=because)


@points(1)
@under(defaults)
@after(check_answers)
@reads_requests
def check_idempotence(evidence: Evidence) -> Prediction:
    """The prediction `idempotence` is what the broker shows."""
    _require_success(evidence)
    asked = {each.client_id for each in evidence.requests_of("INIT_PRODUCER_ID")}
    sent = {each.client_id for each in evidence.requests_of("PRODUCE")}
    untouched, lowered = (client in asked for client in ("untouched", "lowered"))
    if "lowered" not in sent:
        truth = "refused"
    else:
        truth = {(False, False): "never_on", (True, True): "stays_on"}.get(
            (untouched, lowered), "switched_off"
        )
    said = {True: "asked for a producer id, which idempotent producers have", False: "asked for none"}
    because = (
        f"with its defaults the producer {said[untouched]}; the one with acks=1 {said[lowered]}, and "
        f"{'sent its record' if 'lowered' in sent else 'sent nothing'}. Only acks=1 together with "
        f"enable_idempotence=True raised {evidence.run.stdout.decode().strip() or 'nothing, either'}."
    )
    return expect.answer(evidence, QUESTIONS["idempotence"], truth=truth, because=because)


@points(1)
@under(no_answer)
@after(check_answers)
def check_no_answer(evidence: Evidence) -> Prediction:
    """The prediction `no_answer` is what the broker shows."""
    zero, one = _printed(evidence)
    large = [each for each in evidence.of_topic(TOPIC) if (each.value or b"").startswith(b"large")]
    places = [each.place for each in _sent_with(evidence, TOPIC, b"small 0")]
    because = (
        f"with acks=0 get() gave {zero['large']}, with acks=1 {one['large']}; of these two, {len(large)} are "
        f"stored. For the first of {len(zero['offsets'])} small records with acks=0 get() gave the offset "
        f"{zero['offsets'][0]}; it is stored at {places[0] if places else 'no place'}."
    )
    told = str(zero["large"])
    truths = {"MessageSizeTooLargeError": "refusal", "KafkaTimeoutError": "timeout"}
    truth = "success" if told.startswith(f"{TOPIC}-") else truths[told]
    return expect.answer(evidence, QUESTIONS["no_answer"], truth=truth, because=because)


@points(1)
@under(waiting)
@after(check_answers)
def check_speed(evidence: Evidence) -> Prediction:
    """The prediction `speed` is what the brokers show, or this run leaves it open."""
    (seconds,) = _printed(evidence)
    low, middle, high = zip(*(_interval(seconds[acks]) for acks in ("1", "all")), strict=True)
    fault = evidence.scenario.fault
    assert isinstance(fault, ReplicationSlowed)
    one, every = (f"{middle[each]:.0f} ms ({low[each]:.0f} to {high[each]:.0f})" for each in (0, 1))
    truth = "all_longer" if high[0] < low[1] else "one_longer" if high[1] < low[0] else None
    apart = "" if truth else " The intervals overlap, so that this run is inconclusive."
    because = (
        f"copies came {fault.delay_s * 1000:.0f} ms late; a send took {one} with acks=1, and {every} with "
        f"acks=all.{apart}"
    )
    return expect.answer(evidence, QUESTIONS["speed"], truth=truth, because=because)


def _interval(seconds: Sequence[float]) -> tuple[float, float, float]:
    """Return, in milliseconds, the interval that holds the true median, and the measured one between."""
    ordered = sorted(1000 * each for each in seconds)
    return ordered[LEFT_OUT], ordered[len(ordered) // 2], ordered[-1 - LEFT_OUT]


@points(1)
@under(leader_dies)
@after(check_answers)
def check_leader_dies_one(evidence: Evidence) -> Prediction:
    """The prediction `leader_dies_one` is what the brokers show."""
    return _after_the_leader(evidence, "one")


@points(1)
@under(leader_dies)
@after(check_answers)
def check_leader_dies_all(evidence: Evidence) -> Prediction:
    """The prediction `leader_dies_all` is what the brokers show."""
    return _after_the_leader(evidence, "all")


def _after_the_leader(evidence: Evidence, topic: str) -> Prediction:
    sent = int(evidence.scenario.args[0])
    acknowledged = {each["topic"]: int(each["acknowledged"]) for each in _printed(evidence)}
    stored = len(_sent_with(evidence, topic, b"payment"))
    if evidence.traffic is None or not evidence.traffic.fault_reached or acknowledged["one"] == 0:
        raise RuntimeError(f"the leader was not killed as the experiment needs it: {acknowledged}")
    told = acknowledged[topic]
    truth = "not_acknowledged" if not told else "lost" if stored < told else "kept"
    acks = "1" if topic == "one" else "all"
    because = (
        f"of {sent} payments with acks={acks}, {told} were acknowledged before the leader was found dead; "
        f"under the next leader {stored} are stored."
    )
    return expect.answer(evidence, QUESTIONS[f"leader_dies_{topic}"], truth=truth, because=because)


@points(1)
@under(too_few)
@after(check_answers)
def check_too_few(evidence: Evidence) -> Prediction:
    """The prediction `too_few` is what the brokers show."""
    of = {str(each["acks"]): each for each in _printed(evidence)}
    accepted = {acks: each["acknowledged"] > 0 for acks, each in of.items()}
    truths = {(True, True): "both", (True, False): "only_one", (False, False): "none"}
    errors = ", ".join(f"{count} {name}" for name, count in of["all"]["errors"].items()) or "no error"
    because = (
        f"of {evidence.scenario.args[0]} payments each, {of['1']['acknowledged']} with acks=1 were "
        f"acknowledged, and {of['all']['acknowledged']} with acks=all ({errors}); "
        f"{len(evidence.of_topic(TOPIC))} are stored."
    )
    truth = truths[accepted["1"], accepted["all"]]
    return expect.answer(evidence, QUESTIONS["too_few"], truth=truth, because=because)


def _require_success(evidence: Evidence) -> None:
    if evidence.run.exit.code != 0:
        raise RuntimeError(f"{evidence.scenario.title} failed: {evidence.run.stderr.decode()[-500:]}")


def _printed(evidence: Evidence) -> Sequence[Mapping[str, Any]]:
    """Return what an experiment printed, a mapping a line."""
    _require_success(evidence)
    return [json.loads(line) for line in evidence.run.stdout.splitlines()]


def _sent_with(evidence: Evidence, topic: str, beginning: bytes) -> tuple[Record, ...]:
    return tuple(each for each in evidence.of_topic(topic) if (each.value or b"").startswith(beginning))


@advises
@under(acks_all)
def remark_on_sending(evidence: Evidence) -> Iterator[str]:
    """Remarks on the address, on more than one producer, and on a request for each record."""
    yield from expect.remark_on_address(evidence)
    yield from expect.remark_on_producers(evidence)
    yield from expect.remark_on_requests(evidence, _count(evidence))


@advises
@under(stalled)
def remark_on_waiting(evidence: Evidence) -> Iterator[str]:
    """A remark on a program that sleeps long enough."""
    yield from expect.remark_on_waiting(evidence)
