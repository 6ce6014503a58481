"""The rubric of 06: what became of a message is told, where it was stored as well as why it was not."""

import re
import string
from collections.abc import Iterator

from grader import Draw, Evidence, Scenario, Stall, Topic, advises, after, expect, points, under

TOPIC, MISSING, NARROW = "orders-eu", "orders-asia", "letters"
# Who waits for an answer: the program has 15 s for it, and is ended some time later.
GIVEN_UP_S, FAILING_LIMIT_S = 15.0, 20.0
SIZE, LIMIT = 40_000, 10_000
# The record around a message, and its batch, take less than this.
AROUND = 1_000
TEXTS = ("3 lamps", "Zoë's 2nd order", 'the "big" one', "10 % off", "чай", "お茶", "☕ to go", "a=b&c")
LETTERS = string.ascii_letters + string.digits
# A number as people write it, digits in groups or not; and one with a unit, such as 39.1 KiB.
NUMBER = re.compile(r"\d{1,3}(?:[,._'’ \u00a0\u202f]\d{3})+(?!\d)|\d+")
IN_UNITS = re.compile(r"(\d+(?:[.,]\d+)?)[ \u00a0\u202f]?([kKM])")


def _message(draw: Draw) -> str:
    return ", ".join((f"order {draw.randint(1000, 9999)}", *draw.sample(TEXTS, 3)))


def _used(name: str, draw: Draw) -> Topic:
    """Return a topic in which neither a partition's number nor 0 can be taken for an offset."""
    partitions = draw.randint(3, 8)
    return Topic(name, partitions, begins_at=tuple(draw.sample(range(20, 400), partitions)))


def stored(draw: Draw) -> Scenario:
    """The message can be stored."""
    return Scenario(
        name="stored",
        title="the topic exists",
        topics=(_used(TOPIC, draw),),
        args=(TOPIC, _message(draw)),
    )


def stalled(draw: Draw) -> Scenario:
    """The message can be stored, some seconds late."""
    return Scenario(
        name="stalled",
        title="the broker gets the message 4 to 5 s late",
        topics=(_used(TOPIC, draw),),
        args=(TOPIC, _message(draw)),
        fault=Stall(hold_s=draw.uniform(4, 5)),
    )


def missing(draw: Draw) -> Scenario:
    """The topic does not exist."""
    return Scenario(
        name="missing",
        title="the topic does not exist",
        topics=(Topic(TOPIC, draw.randint(3, 8)),),
        args=(MISSING, _message(draw)),
        wall_limit_s=FAILING_LIMIT_S,
    )


def unreachable(draw: Draw) -> Scenario:
    """No broker is at the address."""
    return Scenario(
        name="unreachable",
        title="no broker is at the address",
        topics=(Topic(TOPIC, draw.randint(3, 8)),),
        args=(TOPIC, _message(draw)),
        contacts=(None,),
        wall_limit_s=FAILING_LIMIT_S,
    )


def too_large(draw: Draw) -> Scenario:
    """The message is larger than the topic takes; it is drawn so that compressing does not help."""
    return Scenario(
        name="too_large",
        title="the message is larger than the topic takes",
        topics=(Topic(NARROW, draw.randint(3, 8), {"max.message.bytes": str(LIMIT)}),),
        args=(NARROW, "".join(draw.choices(LETTERS, k=SIZE))),
        wall_limit_s=FAILING_LIMIT_S,
    )


@points(1)
@under(stored)
def check_program_ends(evidence: Evidence) -> None:
    """Where the message can be stored, the program ends with exit code 0."""
    expect.program_ends(evidence)


@points(2)
@under(stored)
def check_stored(evidence: Evidence) -> None:
    """The message is stored in the topic that was named, once and byte for byte."""
    topic, message = evidence.scenario.args
    expect.records_arrive(evidence, topic)
    expect.one_record(evidence, topic)
    expect.value_is(evidence, topic, message.encode())


@points(3)
@under(stored)
@after(check_stored)
def check_place(evidence: Evidence) -> None:
    """A line on stdout is the place where the message was stored, `TOPIC-PARTITION@OFFSET`."""
    _expect_place(evidence)


@points(2)
@under(stored, stalled)
@after(check_place)
def check_place_late(free: Evidence, held: Evidence) -> None:
    """A message that the broker gets 4 to 5 s late is stored and told of in the same way."""
    try:
        expect.program_ends(held)
    except expect.Failure as failure:
        said = failure.feedback
        expect.fail(
            f"The message was held up on its way to the broker. {said.seen}",
            expected="Exit code 0, and the place on stdout.",
            advice="Be willing to wait 10 s before you report a failure, as the task says: the message may "
            "be stored all the same.",
        )
    expect.delivered(free, held, held.scenario.args[0])
    _expect_place(held)


def _expect_place(evidence: Evidence) -> None:
    topic = evidence.scenario.args[0]
    true = {record.place for record in evidence.of_topic(topic)}
    lines = [line.strip() for line in evidence.run.stdout.decode("utf-8", "replace").splitlines()]
    told = _places(evidence, lines)
    if told and set(told) <= true:
        return
    seen, advice = next(_why_no_place(evidence, lines, told))
    expect.fail(
        seen, expected=f"A line on stdout that is `{min(true)}`, nothing before or behind.", advice=advice
    )


def _places(evidence: Evidence, lines: list[str]) -> list[str]:
    form = re.compile(rf"{re.escape(evidence.scenario.args[0])}-\w+@\S+")
    return [line for line in lines if form.fullmatch(line)]


def _why_no_place(evidence: Evidence, lines: list[str], told: list[str]) -> Iterator[tuple[str, str]]:
    topic = evidence.scenario.args[0]
    record = evidence.of_topic(topic)[0]
    where = f"the message is stored at {record.place}"
    acks_zero = any(request.acks == 0 for request in evidence.requests_of("PRODUCE"))
    false = next((line for line in told if line != record.place), "")
    if false and acks_zero:
        seen = f"`{false}` was printed; {where}. The program sent with acks=0, and the broker did not answer."
        yield seen, "Leave `acks` out. Without an answer the client makes an offset up."
    if false == f"{topic}-{record.offset}@{record.partition}":
        yield (
            f"`{false}` was printed; {where}.",
            "Partition and offset are swapped: the partition comes first.",
        )
    if false and len(told) > 1:
        yield f"{len(told)} places were printed, `{false}` among them; {where}.", "Print the true one alone."
    if false:
        yield f"`{false}` was printed; {where}.", FROM_THE_ANSWER
    near = next((line for line in lines if record.place in line), "")
    if near:
        yield (
            f"The place is in the line `{near[:80]}`.",
            "Print it as a line of its own, and nothing else in it.",
        )
    if record.place in evidence.run.stderr.decode("utf-8", "replace"):
        yield "The place was printed to stderr.", "Print it to stdout: that is where results go."
    if "Future" in "\n".join(lines):
        advice = (
            "A future is asked by `get(timeout=10)`; what that returns has `topic`, `partition`, `offset`."
        )
        yield f"The last line on stdout is `{lines[-1][:80]}`.", advice
    if lines:
        yield f"No line on stdout is a place; the last is `{lines[-1][:80]}`.", FORM
    yield "Nothing was printed to stdout.", f"{FORM} {FROM_THE_ANSWER}"


FORM = "Print topic, hyphen, partition, @, offset."
FROM_THE_ANSWER = (
    "Take partition and offset from the broker's answer: kafka-python and aiokafka return them from the "
    "future, confluent-kafka hands the message to `on_delivery`."
)


@points(1)
@under(missing)
@after(check_stored)
def check_missing_in_time(evidence: Evidence) -> None:
    """Topic missing: the program has ended by itself within 15 s."""
    expect.gives_up_within(evidence, GIVEN_UP_S)


@points(1)
@under(missing)
@after(check_missing_in_time)
def check_missing_exit_code(evidence: Evidence) -> None:
    """Topic missing: the exit code is not 0."""
    expect.exit_code_tells(evidence)


@points(2)
@under(missing)
@after(check_missing_in_time)
def check_missing_named(evidence: Evidence) -> None:
    """Topic missing: a line on stderr names the topic."""
    expect.stderr_names(evidence, f"the topic, `{MISSING}`", lambda line: MISSING in line)


@points(1)
@under(missing)
@after(check_stored)
def check_missing_not_made(evidence: Evidence) -> None:
    """Topic missing: the program does not make it."""
    if MISSING in evidence.topics:
        expect.fail(
            f"`{MISSING}` exists after the run, with {evidence.topics[MISSING]} partitions.",
            expected="The topics that were there before, and no other.",
            advice="Leave `create_topics()` out: a topic that a misspelt name has made is read by nobody.",
        )


@points(1)
@under(unreachable)
@after(check_stored)
def check_unreachable_in_time(evidence: Evidence) -> None:
    """No broker: the program has ended by itself within 15 s."""
    expect.gives_up_within(evidence, GIVEN_UP_S)


@points(1)
@under(unreachable)
@after(check_unreachable_in_time)
def check_unreachable_exit_code(evidence: Evidence) -> None:
    """No broker: the exit code is not 0."""
    expect.exit_code_tells(evidence)


@points(2)
@under(unreachable)
@after(check_unreachable_in_time)
def check_unreachable_named(evidence: Evidence) -> None:
    """No broker: a line on stderr names the address."""
    port = re.compile(rf"(?<!\d){evidence.bootstrap_servers.rpartition(':')[2]}(?!\d)")
    what = f"the address, `{evidence.bootstrap_servers}`"
    expect.stderr_names(evidence, what, lambda line: port.search(line) is not None)


@points(1)
@under(too_large)
@after(check_stored)
def check_too_large_in_time(evidence: Evidence) -> None:
    """Message too large: the program has ended by itself within 15 s."""
    expect.gives_up_within(evidence, GIVEN_UP_S)


@points(1)
@under(too_large)
@after(check_too_large_in_time)
def check_too_large_exit_code(evidence: Evidence) -> None:
    """Message too large: the exit code is not 0."""
    expect.exit_code_tells(evidence)


@points(2)
@under(too_large)
@after(check_too_large_in_time)
def check_too_large_named(evidence: Evidence) -> None:
    """Message too large: a line on stderr names its size."""
    host, _, port = evidence.bootstrap_servers.rpartition(":")
    # A port may look like the size.
    address = re.compile(rf"{re.escape(host)}\W{{1,4}}{port}(?!\d)")
    what = f"the message's size, {SIZE:,} bytes"
    expect.stderr_names(evidence, what, lambda line: _names_the_size(address.sub("", line)))


def _names_the_size(line: str) -> bool:
    numbers = (int(re.sub(r"\D", "", found[0])) for found in NUMBER.finditer(line))
    in_units = (found.groups() for found in IN_UNITS.finditer(line))
    return any(SIZE <= number < SIZE + AROUND for number in numbers) or any(
        _is_the_size(number.replace(",", "."), 1 if unit in "kK" else 2) for number, unit in in_units
    )


def _is_the_size(number: str, power: int) -> bool:
    """Whether it is the size in units of 1,000 or 1,024 to a power, rounded to the digits that it has."""
    value, half = float(number), 0.5 / 10 ** len(number.partition(".")[2])
    return value > 0 and any(
        SIZE / base**power - half <= value <= (SIZE + AROUND) / base**power + half for base in (1000, 1024)
    )


@points(1)
@under(missing, unreachable, too_large)
@after(check_stored)
def check_no_traceback(*failing: Evidence) -> None:
    """A failure is told in words, without a Python traceback."""
    for evidence in failing:
        expect.no_traceback(evidence)


@points(1)
@under(missing, unreachable, too_large)
@after(check_place)
def check_no_false_place(*failing: Evidence) -> None:
    """Where nothing was stored, no place is printed."""
    for evidence in failing:
        lines = [line.strip() for line in evidence.run.stdout.decode("utf-8", "replace").splitlines()]
        told = _places(evidence, lines)
        if told and not evidence.records:
            expect.fail(
                f"Under “{evidence.scenario.title}” `{told[0]}` was printed, and nothing is stored.",
                expected="No place on stdout.",
                advice="Print the place once the broker has answered, and not before.",
            )


@advises
@under(stored)
def remark_on_address(evidence: Evidence) -> Iterator[str]:
    """A remark on an address that is written outright."""
    yield from expect.remark_on_address(evidence)
