"""Expectations on a run in which a leader dies: what was acknowledged stays, and nothing is there twice."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

from grader import diagnosis
from grader.diagnosis.case import Case
from grader.diagnosis.crash import limit_too_short
from grader.expect.failure import fail
from grader.expect.lines import Line, Lines
from grader.expect.missing import why_missing
from grader.expect.source import line_calling, line_setting
from grader.expect.wording import listed, number, shown, some
from grader.model import Evidence, Feedback, LeaderKilled, Record

WRITING = ("write", "writelines", "print")
RESENDING = ("send", "send_and_wait", "produce")
UNTIL_SAFE = "Write an id when the broker has acknowledged the record, not before: "
CALLBACKS = ("add_callback", "add_done_callback", "add_both", "produce")
OWN_VARIABLE = (
    "A function looks a loop's variable up when it is called, and by then it is a later line's. Give each "
    "function its own: `lambda metadata, review_id=review_id: …`."
)
HOW_TO_BE_SURE = (
    "`future.get()` returns then in kafka-python, `on_delivery` is called without an error in "
    "confluent-kafka, and awaiting the future that `send()` returns ends then in aiokafka."
)
TRY_AGAIN = (
    "Leave `retries` out: what was not acknowledged the client sends again, and idempotence keeps it from "
    "being there twice."
)
WAIT_FOR_NEXT = "Leave the limit out, or give 20 s at least: another broker leads some 5 seconds later."

Said = tuple[str, str]


def acked_names_all(evidence: Evidence, lines: Lines) -> None:
    """Expect the file of acknowledged ids to name every line's identity, and nothing else."""
    name = evidence.scenario.args[1]
    wanted = {line.content[lines.identity]: line for line in lines.given(evidence)}
    expected = f"The `{lines.identity}` of each of the {number(len(wanted), lines.noun)}, a line each."
    if name not in evidence.run.files:
        ended = Feedback() if evidence.run.ended_well else diagnosis.why_it_ended_so(evidence)
        fail(
            f"There is no file `{name}` when the program has ended. {ended.seen}".strip(),
            expected=expected,
            advice=ended.advice
            or "Its name is the second argument, `sys.argv[2]`; write it into the current folder.",
        )
    found = _ids(evidence.run.files[name], whole=True)
    foreign = [each for each in found if each not in wanted]
    if foreign:
        fail(
            f"{some(len(foreign), len(found), 'line', 'is', 'are')} no `{lines.identity}`, such as "
            f"{shown(foreign[0].encode())}.",
            expected=expected,
            advice=f"Write the `{lines.identity}` as it is, and a line break: no quotation marks, no JSON.",
        )
    missing = [each for each in wanted if each not in set(found)]
    if missing:
        cause, advice = next(_why_missing(evidence, lines, missing, found))
        fail(
            f"{some(len(missing), len(wanted), lines.noun, 'is', 'are')} not in `{name}`, the first of them "
            f"`{missing[0]}` (line {wanted[missing[0]].number}). {cause}".strip(),
            expected=expected,
            advice=advice,
        )


def _why_missing(
    evidence: Evidence, lines: Lines, missing: Sequence[str], found: Sequence[str]
) -> Iterator[Said]:
    if not evidence.run.ended_well:
        cause = diagnosis.why_it_ended_so(evidence)
        yield cause.seen, cause.advice
    if len(found) - len(set(found)) > len(missing) / 2:
        ((repeated, times),) = Counter(found).most_common(1)
        where = line_calling(evidence, *CALLBACKS)
        yield f"`{repeated}` stands there {times} times.", f"{OWN_VARIABLE} {where}".strip()
    stored = {sent.line.content[lines.identity] for sent in lines.sent(evidence)}
    there = [each for each in missing if each in stored]
    if there:
        yield (
            f"{len(there)} of them {'is' if len(there) == 1 else 'are'} stored all the same.",
            f"Wait for every record before the program ends, and write each one's id: {HOW_TO_BE_SURE}",
        )
    yield "", "Each line of the file is to be sent, and its id written once it is acknowledged."


def acked_are_stored(evidence: Evidence, lines: Lines) -> None:
    """Expect each acknowledged id's record on all in-sync replicas, in mid-run and at the end."""
    name = evidence.scenario.args[1]
    at_end = (evidence.run.files, evidence.records, "when all was over")
    for files, records, when in (
        *((each.files, each.records, each.title) for each in evidence.moments),
        at_end,
    ):
        written = _ids(files.get(name, b""), whole=files is evidence.run.files)
        stored = _identities(evidence, lines, records)
        early = [each for each in written if each not in stored]
        if early:
            cause, advice = next(_why_early(evidence))
            held = "was not stored on all in-sync replicas"
            fail(
                f"Of {number(len(written), 'id')} in `{name}` {when}, {len(early)} "
                f"{held if len(early) == 1 else held.replace('was', 'were')}, `{early[0]}` for one. {cause}",
                expected=f"At any moment, only {lines.noun}s that every in-sync replica has.",
                advice=advice,
            )


def _why_early(evidence: Evidence) -> Iterator[Said]:
    weak = _weak_acks(evidence)
    if weak is not None:
        yield _leader_alone(weak), _ask_for_all(evidence)
    where = line_calling(evidence, *WRITING)
    cause = "The requests asked for acks=all, so an acknowledgement would have meant that every one has it."
    yield cause, f"{UNTIL_SAFE}{HOW_TO_BE_SURE} {where}".strip()


def none_lost(evidence: Evidence, lines: Lines) -> None:
    """Expect every line stored in the end, also where the leader died."""
    stored = _identities(evidence, lines, evidence.records)
    given = lines.given(evidence)
    missing = [line for line in given if line.content[lines.identity] not in stored]
    if missing:
        cause, advice = next(_why_lost(evidence, lines, missing))
        fail(
            f"{some(len(missing), len(given), lines.noun, 'is', 'are')} not stored{_since(evidence)}, the "
            f"first of them line {missing[0].number}. {cause}".strip(),
            expected=f"Every {lines.noun} is stored in the end.",
            advice=advice,
        )


def _since(evidence: Evidence) -> str:
    fault = evidence.scenario.fault
    if isinstance(fault, LeaderKilled) and evidence.moments:
        return f" after broker {fault.leader}, the leader, was killed"
    return ""


def _why_lost(evidence: Evidence, lines: Lines, missing: Sequence[Line]) -> Iterator[Said]:
    ended_well = evidence.run.ended_well
    dead_leader = evidence.scenario.fault is not None
    weak = _weak_acks(evidence) if dead_leader else None
    if weak is not None:
        acked = set(_ids(evidence.run.files.get(evidence.scenario.args[1], b""), whole=True))
        told = sum(line.content[lines.identity] in acked for line in missing)
        said = f" {told} of them had been acknowledged." if told else ""
        yield f"{_leader_alone(weak)}{said}", _ask_for_all(evidence)
    if dead_leader:
        yield from _why_the_client_gave_up(evidence)
    if not ended_well:
        cause = diagnosis.why_it_ended_so(evidence)
        if cause.seen:
            yield cause.seen, cause.advice
    if ended_well:
        if not dead_leader:
            yield from (said for said in why_missing(lines, missing, lines.given(evidence)) if said[0])
        yield (
            "The program had ended before they were acknowledged.",
            f"Wait for every record before the program ends, as long as it takes: {HOW_TO_BE_SURE}",
        )
    yield "", "Let the client try again: its own limit, `delivery_timeout_ms`, is two minutes."


def _why_the_client_gave_up(evidence: Evidence) -> Iterator[Said]:
    case = Case(evidence)
    never = case.source.setting(("retries",), lambda value: value == 0)
    if never is not None:
        yield f"The client was not to try again, at {never}.", TRY_AGAIN
    soon = limit_too_short(case)
    if soon is not None:
        yield f"The client was to give up before another broker leads, at {soon}.", WAIT_FOR_NEXT


def _weak_acks(evidence: Evidence) -> int | None:
    asked = {request.acks for request in evidence.requests_of("PRODUCE")}
    return next((acks for acks in (0, 1) if acks in asked), None)


def _leader_alone(acks: int) -> str:
    if acks == 0:
        return "The requests asked for acks=0: no broker says whether it has stored such a record."
    return "The requests asked for acks=1: the leader confirmed before any other broker had a copy, and died."


def _ask_for_all(evidence: Evidence) -> str:
    software = _software(evidence)
    where = line_setting(evidence, "acks", "request.required.acks")
    if software == "aiokafka":
        asked = (
            'Ask for `acks="all"`, or `enable_idempotence=True`, which includes it: aiokafka\'s default is 1.'
        )
    elif software == "confluent-kafka":
        asked = 'Ask for `"acks": "all"`.'
    else:
        asked = 'Ask for `acks="all"`, or leave `acks` out: it is the default.'
    return f"{asked} {where}".strip()


def none_doubled(evidence: Evidence, lines: Lines) -> None:
    """Expect no line stored twice, although answers to what was stored were lost."""
    sent = lines.sent(evidence)
    counts = Counter(each.line.number for each in sent)
    doubled = [each for each in sent if counts[each.line.number] > 1]
    if not doubled:
        return
    number_of = doubled[0].line.number
    places = [each.record.place for each in doubled if each.line.number == number_of]
    cause, advice = next(_why_doubled(evidence))
    several = sum(count > 1 for count in counts.values())
    fail(
        f"{some(several, len(lines.given(evidence)), lines.noun, 'is', 'are')} stored more than once: line "
        f"{number_of} is at {listed(places)}. {cause}",
        expected=f"Every {lines.noun} is stored once.",
        advice=advice,
    )


def _why_doubled(evidence: Evidence) -> Iterator[Said]:
    if idempotence_is_off(evidence):
        cause = (
            "The leader died before it had answered, so the client sent again what the next leader had "
            "already, and without idempotence the broker cannot tell."
        )
        yield cause, _switch_on(evidence)
    where = line_calling(evidence, *RESENDING)
    advice = (
        "Call `send()` once for each line, and let the client try again: a time-out of your own does not "
        f"mean that the record was not stored. {where}"
    )
    yield (
        "Idempotence covers what the client tries again; the program itself sent these twice.",
        advice.strip(),
    )


def idempotence_is_off(evidence: Evidence) -> bool:
    """Whether no producer asked for the id by which a broker knows what it has stored already."""
    return evidence.request_log and not evidence.requests_of("INIT_PRODUCER_ID")


def _switch_on(evidence: Evidence) -> str:
    where = line_setting(evidence, "enable_idempotence", "enable.idempotence")
    match _software(evidence):
        case "confluent-kafka":
            return (
                f'Set `"enable.idempotence": True`: in confluent-kafka it is off by default. {where}'.strip()
            )
        case "aiokafka":
            return f"Set `enable_idempotence=True`: in aiokafka it is off by default. {where}".strip()
    where = where or line_setting(evidence, "acks")
    return (
        "Leave `enable_idempotence` on: in kafka-python it is, unless it is switched off or `acks` is less "
        f"than all. {where}"
    ).strip()


def _software(evidence: Evidence) -> str:
    requests = evidence.requests_of("PRODUCE")
    # aiokafka does not say what it is; its clients are called after it unless the program says otherwise.
    names = " ".join(f"{request.software} {request.client_id}" for request in requests)
    found = {"confluent": "confluent-kafka", "librdkafka": "confluent-kafka", "aiokafka": "aiokafka"}
    return next((name for sign, name in found.items() if sign in names), "kafka-python")


def _identities(evidence: Evidence, lines: Lines, records: Sequence[Record]) -> set[str]:
    """Return the identities of the lines that these records hold."""
    return {
        each.line.content[lines.identity] for each in lines.sent(replace(evidence, records=tuple(records)))
    }


def _ids(content: bytes, *, whole: bool) -> list[str]:
    """Return the ids of a file; of one that is being written, the last line only where it has its end."""
    parts = content.decode("utf-8", "replace").split("\n")
    if not whole:
        parts = parts[:-1]
    return [part.strip() for part in parts if part.strip()]
