"""The page: what it says, that nothing of a program's acts in it, that its totals are those of the data."""

import base64
import hashlib
import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.model import Check, CheckOutcome, ExerciseReport, Exit, Feedback, Outcome, Report, Run
from grader.report import reading
from grader.report.data import data
from grader.report.page import page, prose
from grader.report.terminal import summary
from tests import report_samples as samples

VOID = {"meta", "input"}
REACHES_OUT = {"src", "srcset", "action", "formaction", "poster", "data", "background", "ping", "style"}
LIMIT_BYTES = 200_000


@dataclass
class Element:
    """One element of a page."""

    tag: str
    attributes: dict[str, str]
    parent: "Element | None" = None
    children: list["Element | str"] = field(default_factory=list)

    def walk(self) -> Iterator["Element"]:
        yield self
        for child in self.children:
            if isinstance(child, Element):
                yield from child.walk()

    @property
    def text(self) -> str:
        return "".join(child if isinstance(child, str) else child.text for child in self.children)

    @property
    def words(self) -> str:
        return " ".join(self.text.split())

    def all(self, tag: str = "", **wanted: str) -> list["Element"]:
        return [
            each
            for each in self.walk()
            if tag in {"", each.tag}
            and all(
                value in each.attributes.get(name.strip("_"), "").split() for name, value in wanted.items()
            )
        ]

    def one(self, tag: str = "", **wanted: str) -> "Element":
        found = self.all(tag, **wanted)
        assert 1 == len(found), (tag, wanted, len(found))
        return found[0]


class Reader(HTMLParser):
    """Reads a page; an element that is not closed, or closed twice, fails."""

    def __init__(self) -> None:
        super().__init__()
        self.at = Element("", {})

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_startendtag(tag, attrs)
        if tag not in VOID:
            self.at = cast(Element, self.at.children[-1])

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.at.children.append(Element(tag, {name: value or "" for name, value in attrs}, self.at))

    def handle_endtag(self, tag: str) -> None:
        assert tag == self.at.tag, (tag, self.at.tag, self.getpos())
        assert self.at.parent is not None
        self.at = self.at.parent

    def handle_data(self, data: str) -> None:
        self.at.children.append(data)


def read(report: Report) -> Element:
    reader = Reader()
    reader.feed(page(report))
    reader.close()
    assert "" == reader.at.tag
    return reader.at


REPORTS = {
    "right": samples.report_of(samples.right()),
    "no flush": samples.report_of(samples.no_flush()),
    "crashed": samples.report_of(samples.crashed()),
    "error": samples.report_of(samples.broken_grader()),
    "untouched": samples.report_of(samples.untouched()),
    "hostile": samples.report_of(samples.hostile()),
    "ten keys": samples.report_of(samples.ten_keys()),
    "order broken": samples.report_of(samples.disordered()),
    "predicted": samples.report_of(samples.predicted()),
    "nine": samples.nine(),
    "nothing": samples.report_of(),
}
EVERY = pytest.mark.parametrize("report", REPORTS.values(), ids=REPORTS.keys())


def word(exercise: ExerciseReport, outcome: Outcome) -> str:
    if exercise.outcome == "not_attempted":
        return "not begun"
    return "not judged" if outcome.outcome == "error" else outcome.outcome


def items(whole: Element) -> list[Element]:
    return whole.all("li", class_="check")


@EVERY
def test_every_declared_check_is_listed_once_with_its_outcome_in_words_and_its_points(report: Report) -> None:
    found = [
        (
            item.attributes["id"],
            item.one("span", class_="badge").words,
            item.one("span", class_="points").words,
        )
        for item in items(read(report))
    ]
    declared = [
        (
            f"{exercise.id}.{each.check.id}",
            word(exercise, each),
            f"{'–' if reading.is_ours(exercise, each) else each.points} / {each.check.max_points} points",
        )
        for exercise in report.exercises
        for each in exercise.outcomes
    ]
    assert declared == found


def test_the_first_failed_check_of_an_exercise_is_the_marked_one() -> None:
    marked = [
        item.attributes["id"] for item in items(read(samples.nine())) if "here" in item.attributes["class"]
    ]
    assert ["03_partition_stickiness.value", "04_acks.delivered"] == marked


def test_several_exercises_begin_with_the_place_to_start_and_an_overview() -> None:
    whole = read(samples.nine())
    notice = whole.one("section", class_="next")
    assert "Start here 03_partition_stickiness" == notice.one("h2").words
    assert "#03_partition_stickiness.value" == notice.one("a").attributes["href"]
    rows = whole.one("nav").all("tr")[1:]
    assert 9 == len(rows)
    assert "04_acks failed 5 / 9 The record is stored although the path stalls." == rows[3].words


def test_seen_expected_and_advice_of_a_failed_check_are_told() -> None:
    item = next(each for each in items(read(REPORTS["no flush"])) if "failed" in each.attributes["class"])
    terms = [(row.one("dt").words, row.one("dd").words) for row in item.one("dl").all("div")]
    assert ["Seen", "Expected", "Advice"] == [term for term, _ in terms]
    assert terms[0][1].startswith("0 of 1 records are stored.")
    assert "producer.flush()" in [code.text for code in item.all("code")]


def test_a_traceback_in_feedback_stands_as_it_was_printed() -> None:
    item = items(read(REPORTS["crashed"]))[0]
    assert samples.TRACEBACK.decode().strip() == item.one("pre").text.strip()


def test_a_blocked_check_links_to_what_it_hangs_on() -> None:
    blocked = items(read(REPORTS["crashed"]))[1]
    assert "#01_hello_kafka.program_ends" == blocked.one("a").attributes["href"]
    assert "Not judged: it hangs on The program ends by itself with exit code 0." in blocked.words


def test_a_check_whose_conditions_cannot_be_had_says_so() -> None:
    reason = Feedback("Not judged: this broker has no relay in front.", "", "Grade with `--broker local`.")
    report = samples.report_of(samples.exercise_of({"delivered": ("blocked", reason)}))
    whole = read(report)
    assert "this broker has no relay in front" in items(whole)[3].words
    assert "some could not be judged under these conditions" in whole.one("section", class_="next").words


def test_a_fault_of_ours_is_said_to_be_ours_with_what_mends_it() -> None:
    whole = read(REPORTS["error"])
    assert "This grading is not complete" == whole.one("section", class_="error").one("h2").words
    text = whole.one("main").words
    assert "This is the grader's or the machine's fault, not yours: no point is lost." in text
    assert "Free some memory, then grade again." in text
    assert "not judged – of 9 points" == whole.one("p", class_="result").words
    assert "5 of 9 points, 4 not judged" == whole.one("h1").words
    shown = [item.one("span", class_="points").words for item in items(whole)]
    assert ["1 / 1 points", "2 / 2 points", "2 / 2 points", "– / 3 points", "– / 1 points"] == shown
    several = read(samples.report_of(samples.broken_grader(), samples.right()))
    assert "The broker ended while it was needed." in several.one("section", class_="error").words
    assert "01_hello_kafka not judged – / 9" == several.one("nav").all("tr")[1].words


def test_predictions_stand_beside_what_was_measured_the_first_one_too() -> None:
    whole = read(REPORTS["predicted"])
    held, refuted = whole.all("li", class_="prediction")
    rows = [(row.one("dt").words, row.one("dd").words) for row in held.all("div")]
    assert [
        ("First", "6"),
        ("Predicted", "1"),
        ("Measured", "1"),
        ("Figures", "60 records of k-07 are on partition 4."),
    ] == rows
    assert "as predicted" == held.one("p", class_="aside").words
    assert "not as predicted" == refuted.one("p", class_="aside").words
    assert ["Predicted", "Measured", "Figures"] == [term.words for term in refuted.all("dt")]


def test_an_explanation_is_shown_with_its_rubric_and_a_place_for_a_teachers_points() -> None:
    exercise = samples.predicted()
    whole = read(samples.report_of(exercise))
    assert exercise.explanation is not None
    assert exercise.explanation.text == whole.one("blockquote").text
    assert ["not yet of 3"] == [row.one("td").words for row in whole.all("tr", class_="given")]
    given = replace(exercise.explanation, teacher_points=2, comment="Good. And the price?")
    whole = read(samples.report_of(replace(exercise, explanation=given)))
    assert ["2 of 3"] == [row.one("td").words for row in whole.all("tr", class_="given")]
    assert "Good. And the price?" == whole.one("div", class_="comment").words
    assert "6 of 9 points" == whole.one("h1").words


def test_an_untouched_stub_is_told_where_to_begin() -> None:
    whole = read(REPORTS["untouched"])
    assert "Open producer.py in 01_hello_kafka" in whole.one("section", class_="next").words
    assert ["not begun"] * 6 == [each.words for each in whole.all("span", class_="badge")]
    assert "5 not begun" == whole.one("ul", class_="tally").words
    pieces = whole.one("svg", class_="bar").all("rect", class_="piece")
    assert 5 == sum(each.one("title").words.endswith(": not begun") for each in pieces)


def test_what_is_not_begun_is_not_counted_as_blocked() -> None:
    tally = read(samples.nine()).one("ul", class_="tally")
    assert ["17 passed", "2 failed", "1 blocked", "25 not begun"] == [each.words for each in tally.all("li")]


def test_all_points_are_said_to_be_all() -> None:
    assert "All points" == read(REPORTS["right"]).one("section", class_="done").one("h2").words


def test_remarks_cost_nothing_and_files_not_used_are_named() -> None:
    assert "Advice costs no points" in read(REPORTS["right"]).one("main").words
    assert "conftest.py belongs to the kit" in read(REPORTS["no flush"]).one("main").words


def test_a_run_is_told_whole() -> None:
    stalled = read(REPORTS["no flush"]).one(id="01_hello_kafka-stalled")
    assert "open" in stalled.attributes
    for fact in (
        "python producer.py",
        "held for 4.3 s",
        "It ended by itself with exit code 0 after 1.4 s.",
        "Limit 30 s, isolation full.",
        "stderr 27 bytes KafkaTimeoutError: closing",
        "stdout nothing",
        "No record was stored here.",
        "The program hung up before the hold was over, and the request was dropped.",
    ):
        assert fact in stalled.words
    requests = [[cell.words for cell in row.all("th") + row.all("td")] for row in stalled.all("tr")]
    assert ["PRODUCE", "1", "all (-1)", "kafka-python 3.0.12", "no error"] == requests[-1]


ENDS = {
    "exit code 1": (Exit("exited", 1), "ended by itself with exit code 1"),
    "SIGSEGV": (Exit("signalled", None, "SIGSEGV"), "A signal, SIGSEGV, ended it"),
    "still running at its limit": (Exit("timed_out"), "still running at its limit of 30 s"),
    "out of memory": (Exit("out_of_memory"), "asked for more memory"),
    "printed too much": (Exit("output_limit"), "printed more than it may"),
    "not started": (Exit("not_started"), "could not be started"),
}


@pytest.mark.parametrize("short", ENDS)
def test_every_way_to_end_is_told(short: str) -> None:
    ended, sentence = ENDS[short]
    run = Run(ended, b"", b"", 30.0, 30.0)
    whole = read(samples.report_of(samples.exercise_of(evidence={"healthy": samples.evidence_of(run=run)})))
    assert sentence in whole.one("details", id="01_hello_kafka-healthy").words
    assert short in whole.one("details", id="01_hello_kafka-healthy").one("summary").words


def test_long_output_is_cut_in_the_middle_and_says_so() -> None:
    printed = b"first\n" + b"x" * 60_000 + b"\nlast\n"
    run = Run(Exit("exited", 0), printed, b"", 0.1, 30.0, 9_000_000, 0)
    whole = read(samples.report_of(samples.exercise_of(evidence={"healthy": samples.evidence_of(run=run)})))
    output = whole.one("pre", class_="output").text
    assert output.startswith("first\n")
    assert output.endswith("\nlast\n")
    assert "… 28,012 bytes more stand in results.json …" in output
    assert "9,000,000 bytes printed; the middle was not kept" in whole.text


def test_how_to_grade_again_with_the_same_seed_is_said() -> None:
    assert 'make grade ARGS="--seed 4711"' == read(REPORTS["right"]).one("footer").one("pre").text


def test_an_experiment_is_not_taken_for_the_students_program() -> None:
    held = samples.evidence_of()
    held = replace(held, scenario=replace(held.scenario, program=b"pass"))
    report = samples.report_of(samples.exercise_of(evidence={"healthy": held}))
    assert "an experiment of the kit’s, not your program" in read(report).words


def test_a_client_that_has_not_said_what_it_is_has_no_name() -> None:
    held = samples.evidence_of()
    held = replace(held, requests=(replace(held.requests[0], software="unknown unknown"),))
    text = read(samples.report_of(samples.exercise_of(evidence={"healthy": held}))).words
    assert "not said yet" in text
    assert "unknown" not in text


def test_what_another_broker_cannot_give_is_left_out_with_a_word() -> None:
    held = replace(samples.evidence_of(), request_log=False, requests=(), traffic=None)
    text = read(samples.report_of(samples.exercise_of(evidence={"healthy": held}))).words
    assert "This broker’s request log cannot be read." in text
    assert "What the relay saw" not in text


@EVERY
def test_the_page_needs_nothing_else_and_lets_nothing_else_in(report: Report) -> None:
    html = page(report)
    whole = read(report)
    policy = whole.one("meta", **{"http-equiv": "Content-Security-Policy"}).attributes["content"]
    allowed = dict(part.strip().split(" ", 1) for part in policy.split(";"))
    for name, tag in (("style-src", "style"), ("script-src", "script")):
        text = re.findall(rf"<{tag}>(.*?)</{tag}>", html, re.DOTALL)
        assert 1 == len(text)
        digest = base64.b64encode(hashlib.sha256(text[0].encode()).digest()).decode()
        assert f"'sha256-{digest}'" == allowed.pop(name)
    assert {"default-src": "'none'", "base-uri": "'none'", "form-action": "'none'"} == allowed
    assert "url(" not in re.sub(r"url\(#\w+\)", "", html.split("</style>")[0])


@EVERY
def test_no_text_becomes_an_element_or_an_attribute_that_acts(report: Report) -> None:
    for element in read(report).walk():
        assert element.tag not in {
            "img",
            "iframe",
            "object",
            "embed",
            "link",
            "base",
            "form",
            "foreignobject",
        }
        for name, value in element.attributes.items():
            assert not name.startswith("on")
            assert name not in REACHES_OUT
            assert name != "href" or value.startswith("#")


@EVERY
def test_every_link_has_a_place_and_every_id_is_one(report: Report) -> None:
    whole = read(report)
    ids = [each.attributes["id"] for each in whole.walk() if "id" in each.attributes]
    assert len(ids) == len(set(ids))
    links = {each.attributes["href"][1:] for each in whole.walk() if "href" in each.attributes}
    assert set() == links - set(ids)
    named = {name for each in whole.walk() for name in each.attributes.get("aria-labelledby", "").split()}
    assert set() == named - set(ids)


@EVERY
def test_headings_go_down_a_step_at_a_time(report: Report) -> None:
    levels = [int(each.tag[1]) for each in read(report).walk() if re.fullmatch(r"h[1-6]", each.tag)]
    assert 1 == levels[0]
    assert 1 == levels.count(1)
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))


@EVERY
def test_tables_have_headers_and_pictures_a_name(report: Report) -> None:
    whole = read(report)
    for table in whole.all("table"):
        assert all("scope" in header.attributes for header in table.all("th"))
        widths = {
            len(row.all("th")) + len(row.all("td"))
            for row in table.all("tr")
            if not row.all(class_="left-out")
        }
        assert 1 == len({width for width in widths if width > 1})
    for svg in whole.all("svg"):
        named = svg.attributes.get("role") == "img" and bool(svg.all("title")) and bool(svg.all("desc"))
        assert named or svg.attributes.get("aria-hidden") == "true"
    assert ["img"] == [
        each.attributes["role"] for each in whole.all("svg", class_="bar")
    ] or not report.max_score


def test_hostile_text_is_shown_and_every_hidden_character_in_it_is_seen() -> None:
    html = page(REPORTS["hostile"])
    assert all(char.isprintable() or char in "\n\t" for char in html)
    text = read(REPORTS["hostile"]).text
    for shown in (
        "<script>alert(1)</script>",
        "</style><img src=x onerror=alert(1)>",
        "safe⟨U+202E⟩gpj.exe",
        "zero⟨U+200B⟩width⟨U+2060⟩joined",
        "␛[2J␛]0;title␇ cleared",
        "{{ 7 * 7 }}{% raw %}",
    ):
        # once each: title or name of a file, feedback, advice, output, key and value, headers
        assert 5 <= text.count(shown), shown


@settings(deadline=None)
@given(st.text(max_size=300))
def test_any_text_of_feedback_is_only_text(given_text: str) -> None:
    tags = set(re.findall(r"<[^>]*>", str(prose(given_text))))
    assert tags <= {"<p>", "</p>", "<code>", "</code>", "<pre>", "</pre>"}


def test_feedback_of_any_length_keeps_a_page_small() -> None:
    endless = Feedback("x" * 1_000_000, "y" * 1_000_000, "z" * 1_000_000)
    html = page(samples.report_of(samples.exercise_of({"value": ("failed", endless)})))
    assert LIMIT_BYTES > len(html.encode())
    assert "… (1,000,000 characters in all)" in html


@pytest.mark.parametrize("scatter", [False, True])
def test_20_000_records_keep_a_page_small(scatter: bool) -> None:
    held = samples.orders(20_000, partitions=12, scatter=scatter)
    html = page(samples.report_of(samples.exercise_of(evidence={"healthy": held})))
    assert LIMIT_BYTES > len(html.encode())
    assert "20,000 records, 12 partitions" in html


def test_the_same_report_makes_the_same_page() -> None:
    assert page(samples.nine()) == page(samples.nine())


OUTCOMES = st.sampled_from(["passed", "failed", "blocked", "error"])
RUBRICS = st.lists(st.tuples(OUTCOMES, st.integers(1, 9)), min_size=1, max_size=20)


def drawn_report(rubrics: list[list[tuple[CheckOutcome, int]]]) -> Report:
    exercises = []
    for number, rubric in enumerate(rubrics, 1):
        checks = [Check(f"c{n}", f"Fact {n}.", points, ("healthy",)) for n, (_, points) in enumerate(rubric)]
        outcomes = {f"c{n}": (outcome, Feedback("seen")) for n, (outcome, _) in enumerate(rubric)}
        exercises.append(samples.exercise_of(outcomes, id=f"{number:02}_drawn", checks=checks))
    return samples.report_of(*exercises)


@settings(max_examples=40, deadline=None)
@given(st.lists(RUBRICS, min_size=1, max_size=9))
def test_page_data_and_summary_show_the_same_totals(rubrics: list[list[tuple[CheckOutcome, int]]]) -> None:
    report = drawn_report(rubrics)
    whole, found = read(report), cast(dict[str, Any], data(report))
    earned = sum(points for rubric in rubrics for outcome, points in rubric if outcome == "passed")
    possible = sum(points for rubric in rubrics for _, points in rubric)
    assert (earned, possible) == (found["score"], found["max_score"])
    ours = sum(points for rubric in rubrics for outcome, points in rubric if outcome == "error")
    score = "–" if ours == possible else f"{earned}"
    total = f"{score} of {possible} points" + (f", {ours} not judged" if ours else "")
    assert total == whole.one("h1").words
    assert total == whole.one("head").one("title").words.removesuffix(": Kafka producers")
    assert f"{total.replace('–', '-')}   seed 4711" in summary(report, width=80, colour=False)
    listed = [item.one("span", class_="points").words.replace("–", "0").split() for item in items(whole)]
    assert (earned, possible) == (
        sum(int(each[0]) for each in listed),
        sum(int(each[2]) for each in listed),
    )
    for exercise, section in zip(found["exercises"], whole.all("section", class_="exercise"), strict=True):
        shown = section.one("p", class_="result").one("span", class_="points").words
        of_it = "–" if exercise["outcome"] == "error" else exercise["score"]
        assert f"{of_it} of {exercise['max_score']} points" == shown
    pieces = [
        float(each.attributes["width"][:-1])
        for each in whole.one("svg", class_="bar").all("rect", class_="piece")
    ]
    assert len(pieces) == sum(len(rubric) for rubric in rubrics)
    assert 100 >= sum(pieces)
    told = whole.one("desc", id="bar-text").words
    for outcome in ("passed", "failed", "blocked"):
        number = sum(each == outcome for rubric in rubrics for each, _ in rubric)
        assert f"{number} {outcome}" in told
