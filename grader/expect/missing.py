"""What the lines have in common of which no record came."""

import json
from collections.abc import Iterator, Sequence

from grader.expect.lines import Line, Lines
from grader.expect.wording import an


def why_missing(lines: Lines, missing: Sequence[Line], given: Sequence[Line]) -> Iterator[tuple[str, str]]:
    """Yield what the missing lines have in common, if anything, and what to look at; the best guess first."""
    numbers = {line.number for line in missing}
    left = [line for line in given if line.number not in numbers]
    owners = {lines.owner_of(line) for line in given}
    if numbers == {len(given)}:
        advice = "Does the loop end one line early, as with `[:-1]` or `range(len(lines) - 1)`?"
        yield "It is the last line of the file.", advice
    if numbers == {1}:
        advice = f"The file has no heading: its first line is {an(lines.noun)} as well."
        yield "It is the first line of the file.", advice
    if len(left) == len({lines.owner_of(line) for line in left}) == len(owners):
        advice = f"A dict or a set by {lines.owner} keeps one {lines.noun} of each: send every line."
        yield f"One {lines.noun} of each {lines.owner} did arrive.", advice
    if field := _null_field(missing, left):
        advice = "Null is a value like any other: these lines are to be sent, too."
        yield f"They are all {lines.noun}s in which `{field}` is null.", advice
    if _are_repetitions(lines, missing, given):
        advice = f"Two {lines.noun}s that look alike are still two: send every line."
        yield f"Each equals an earlier {lines.noun} in everything but its `{lines.identity}`.", advice
    if min(numbers) > max((line.number for line in left), default=0):
        advice = "Where does the program stop? See what it printed, and whether it waits for what it sent."
        yield f"They are the last {len(missing):,} lines of the file.", advice
    yield "", f"Send a record for every line, whatever its {lines.owner} and its fields."


def _null_field(missing: Sequence[Line], left: Sequence[Line]) -> str:
    """Return the field that is null in all the missing lines and in none of the others; empty if none."""
    for field in missing[0].content:
        if all(line.content.get(field) is None for line in missing) and all(
            line.content.get(field) is not None for line in left
        ):
            return field
    return ""


def _are_repetitions(lines: Lines, missing: Sequence[Line], given: Sequence[Line]) -> bool:
    seen: set[str] = set()
    repeated: set[int] = set()
    for line in given:
        rest = {field: value for field, value in line.content.items() if field != lines.identity}
        text = json.dumps(rest, sort_keys=True)
        if text in seen:
            repeated.add(line.number)
        seen.add(text)
    return {line.number for line in missing} <= repeated
