"""What a run's evidence says of the causes: pure functions, one small recogniser for each mistake.

A recogniser looks at a `Case` and returns what it found, or None. The tables below put them in order of
truth: the first that speaks names the cause. To add one, write a function and put it into its table.
"""

from collections.abc import Iterator

from grader.diagnosis import (
    acks,
    address,
    crash,
    ending,
    imports,
    serializing,
    settings,
    silence,
    start,
    topic,
    waiting,
)
from grader.diagnosis.case import Case, Recogniser
from grader.model import Evidence, Feedback

VARIABLE = "KAFKA_BOOTSTRAP_SERVERS"
DEFAULT = "localhost:9092"

# Why a program could not begin, or stopped.
STOPPED: tuple[Recogniser, ...] = (
    start.not_handed_in,
    start.not_utf_8,
    start.syntax_error,
    imports.shadowed,
    imports.name_not_there,
    imports.module_not_there,
    serializing.serializer_failed,
    serializing.unserialized,
    serializing.not_bytes,
    topic.as_bytes,
    topic.illegal,
    topic.no_such_partition,
    settings.unknown_setting,
    settings.unknown_to_confluent,
    settings.settings_as_a_dict,
    settings.acks_refused,
    crash.waited_for_input,
    crash.variable_not_set,
    crash.argument_not_given,
    crash.already_closed,
    crash.other_client,
    address.other_protocol,
    address.no_value,
    address.no_address,
    address.no_contact,
    topic.missing,
)

# Why a program ended as it did, where that was not well.
ENDED_BADLY: tuple[Recogniser, ...] = (
    *STOPPED,
    settings.acks_as_text,
    crash.gave_up_waiting,
    ending.out_of_memory,
    ending.output_limit,
    crash.any_other,
    ending.exit_code,
    ending.signal,
    ending.producer_anew,
    ending.endless_loop,
    ending.still_waiting,
)

# Why nothing arrived on a healthy path.
NOTHING_ARRIVED: tuple[Recogniser, ...] = (
    topic.elsewhere,
    start.empty,
    *STOPPED,
    silence.never_awaited,
    silence.refused,
    silence.transaction_left_open,
    settings.acks_as_text,
    crash.gave_up_waiting,
    crash.any_other,
    waiting.left_at_once,
    waiting.in_transit,
    silence.main_not_called,
    silence.never_sends,
    silence.swallowed,
    ending.out_of_memory,
    ending.endless_loop,
    ending.still_waiting,
    waiting.did_not_wait,
    silence.unexplained,
)

# Why a record did not arrive on the stalled path although it did on the healthy one.
LOST: tuple[Recogniser, ...] = (
    waiting.acks_zero,
    *STOPPED,
    waiting.left_at_once,
    crash.gave_up_waiting,
    waiting.in_transit,
    waiting.slept,
    waiting.did_not_wait,
    crash.any_other,
    waiting.waited_too_little,
    waiting.flushed_first,
    ending.endless_loop,
    ending.still_waiting,
    waiting.ended_before,
)

# Why a record that did arrive on the healthy path may as well not have.
CHANCE: tuple[Recogniser, ...] = (waiting.in_transit, waiting.left_at_once)


def causes(case: Case, table: tuple[Recogniser, ...]) -> Iterator[Feedback]:
    """Yield what the recognisers of a table find, the truest first."""
    for recognise in table:
        found = recognise(case)
        if found is not None:
            yield found


def why_it_ended_so(evidence: Evidence) -> Feedback:
    """Return why a program did not end by itself with exit code 0."""
    return next(causes(Case(evidence), ENDED_BADLY), Feedback())


def why_nothing_arrived(evidence: Evidence) -> Feedback:
    """Return why no record of a program is where it was expected."""
    return next(causes(Case(evidence), NOTHING_ARRIVED), Feedback())


def why_it_was_lost(held: Evidence, free: Evidence) -> Feedback:
    """Return why records that arrived on the free path did not arrive on the stalled one."""
    return next(causes(Case(held, healthy=free), LOST), Feedback())


def why_it_was_doubled(held: Evidence, free: Evidence) -> Feedback:
    """Return why more records arrived on the stalled path than on the free one."""
    return waiting.sent_again(Case(held, healthy=free))


def why_acks_differ(evidence: Evidence, wanted: int) -> str:
    """Return an advice on a program whose requests ask for other acks than these; -1 is all."""
    return acks.why_acks_differ(Case(evidence), wanted)


def left_to_chance(evidence: Evidence) -> Feedback | None:
    """Return the cause where a record that is stored got there by luck alone."""
    return next(causes(Case(evidence), CHANCE), None)


def remark_on_address(evidence: Evidence) -> Iterator[str]:
    """Yield a remark where the broker's address is written outright, or left to the client."""
    case = Case(evidence)
    read_it = (
        f'Read it from the environment, `os.environ.get("{VARIABLE}", "{DEFAULT}")`, so that the program '
        "works with any broker."
    )
    for literal, place in case.source.addresses():
        if literal == "localhost" or literal.endswith(":9092"):
            yield f"The broker's address is written outright, at {place}. {read_it}"
            return
    unaddressed = address.without(case)
    if unaddressed is not None:
        yield f"The client is left to dial `{DEFAULT}` by itself, at {unaddressed}. {read_it}"


def remark_on_waiting(held: Evidence) -> Iterator[str]:
    """Yield a remark where records got through a stall because the program slept long enough."""
    slept = waiting.waits_by_sleeping(Case(held)) if held.records else None
    if slept is not None:
        yield slept
