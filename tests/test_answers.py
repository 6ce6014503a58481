"""Written answers: read strictly, held against experiments, the first prediction kept."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader import answers, expect
from grader.answers import Claim
from grader.errors import ExerciseError
from grader.exercise import FOLDER, KIT
from grader.expect.answers import Refuted
from grader.model import Evidence, Prediction, Submission
from grader.toml import Malformed

HOW_MANY = Claim("how_many", "How many?")
WHICH = Claim(
    "which", "Which?", {"one": "all to one", "in_turn": "one after the other", "random": "by chance"}
)
CLAIMS = (HOW_MANY, WHICH)
WITH_ANSWERS = ("03_partition_stickiness", "04_acks")
Make = Callable[..., Evidence]


def refused(text: str | bytes) -> Malformed:
    content = text if isinstance(text, bytes) else text.encode()
    with pytest.raises(Malformed) as raised:
        read(content)
    return raised.value


def read(content: bytes) -> None:
    answers.read_answers(content, CLAIMS)
    for claim in CLAIMS:
        answers.answer_to(content, claim)


def answered(evidence: Evidence, text: str | None) -> Evidence:
    files = {} if text is None else {"answers.toml": text.encode()}
    made = Submission("01_small", {**evidence.submission.files, **files}, "0" * 64)
    return Evidence(
        submission=made,
        scenario=evidence.scenario,
        run=evidence.run,
        records=evidence.records,
        requests=(),
        topics=evidence.topics,
        bootstrap_servers="",
    )


def test_answers_are_read_by_the_names_of_their_questions() -> None:
    text = b'# a remark\nhow_many = 3\nwhich = "random"\n'
    assert {"how_many": 3, "which": "random"} == answers.read_answers(text, CLAIMS)


@pytest.mark.parametrize("text", ["", "# nothing\n", 'how_many = "?"\nwhich = " ? "\n', 'which = ""'])
def test_what_is_not_answered_yet_is_left_out(text: str) -> None:
    assert {} == answers.read_answers(text.encode(), CLAIMS)


@pytest.mark.parametrize("text", [b"\xef\xbb\xbfhow_many = 3\n", b"how_many = 3\r\n", b"how_many=3"])
def test_what_editors_of_other_systems_write_is_read(text: bytes) -> None:
    assert {"how_many": 3} == answers.read_answers(text, CLAIMS)


@pytest.mark.parametrize(
    ("text", "line", "seen"),
    [
        ("# one\n\nwhich = random\n", 3, "It is not TOML: `which = random` (invalid value)."),
        ("how_many = 3\nhow_many = 4\n", 2, "It is not TOML: `how_many = 4` (cannot overwrite a value)."),
        ("how_many = 3\nhow_many = 4", 2, "It is not TOML: `how_many = 4` (cannot overwrite a value)."),
        (
            'how_many = 3\nwhich = "random\n',
            2,
            "It is not TOML: `which = \"random` (illegal character '\\n').",
        ),
        ("which", 1, "It is not TOML: `which` (expected '=' after a key in a key/value pair)."),
        ("\nhow_many = [1,\n2", 3, "It is not TOML: `2` (unclosed array)."),
        ("how_many = 3\nwich = 4\n", 2, "`wich` is none of the questions."),
        ("\n[answers]\nhow_many = 3\n", 2, "`answers` is none of the questions."),
        ('how_many = "3"', 1, '`how_many` is answered with the text "3".'),
        ("how_many = 3.0", 1, "`how_many` is answered with the number 3.0."),
        ("how_many = -1", 1, "`how_many` is answered with the number -1."),
        ("how_many = true", 1, "`how_many` is answered with a truth value."),
        ("how_many = 2026-01-01", 1, "`how_many` is answered with a date or a time."),
        ("how_many = {a = 1}", 1, "`how_many` is answered with a table."),
        ("how_many = 99999999999", 1, "`how_many` is answered with a number out of all bounds."),
        ("which = 3", 1, "`which` is answered with the number 3."),
        ('\nwhich = "Random"', 2, '`which` is answered with the text "Random".'),
        ('which = ["one"]', 1, "`which` is answered with a list."),
        (
            '#\nwhich = [\n  "one",\n  "random",\n]',
            2,
            "`which` is answered with 2 options at once, `one`, `random`.",
        ),
        ('which = "one or random"', 1, "`which` is answered with 2 options at once, `one`, `random`."),
    ],
)
def test_what_is_malformed_is_refused_with_its_line(text: str, line: int, seen: str) -> None:
    error = refused(text)
    assert (line, seen) == (error.line, error.seen)
    assert error.expected
    assert error.advice or "is not TOML" in seen


def test_a_byte_that_is_not_utf_8_is_named_with_its_line() -> None:
    error = refused(b'how_many = 3\nwhich = "\xe9"\n')
    assert (2, "Its byte 0xe9 is not UTF-8.") == (error.line, error.seen)


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("which = random", "Text stands in quotation marks."),
        (
            "[answers]\nwhich = 1",
            "Take the line `[answers]` out: it puts all that follows into a table of its own.",
        ),
        ('how_many = "one"', "The question asks how many: answer with the number, in digits."),
        ('which = "xylophone"', "The options stand above the question, in the file."),
        ("which = “random”", 'The quotation marks of TOML are the straight ones: "text".'),
        ('which = "one"\nwhich = "random"', "This question is answered twice; keep one of the two lines."),
        ("wich = 3", "Is `which` meant?"),
        ('which = "Random"', 'Is "random" meant?'),
    ],
)
def test_what_mends_a_malformed_file_is_said_where_it_is_known(text: str, advice: str) -> None:
    assert advice == refused(text).advice


@pytest.mark.parametrize(
    "text",
    [
        "how_many = " + "[" * 5000,
        "how_many = " + "9" * 9000,
        "how_many = 0x" + "f" * 9000,
        "x = 1\n" * 600,
        "#" * 60_000,
    ],
    ids=["nested", "digits", "hexadecimal", "lines", "bytes"],
)
def test_what_would_take_the_reader_down_is_refused(text: str) -> None:
    assert refused(text).seen


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        read(text.encode("utf-8", "surrogatepass"))
    except Malformed as error:
        line = error.line
    else:
        line = None
    assert line is None or 1 <= line <= text.count("\n") + 1


def test_a_prediction_that_the_experiment_bears_out_is_returned(evidence: Make) -> None:
    made = expect.answer(answered(evidence(), "how_many = 2"), HOW_MANY, truth=2, because="There are 2.")
    assert Prediction("how_many", "How many?", "2", "2", "There are 2.", correct=True) == made


def test_a_refuted_prediction_gets_the_figure_that_refutes_it(evidence: Make) -> None:
    with pytest.raises(Refuted) as raised:
        expect.answer(
            answered(evidence(), 'which = "in_turn"'), WHICH, truth="random", because="98 of 599 were equal."
        )
    feedback = raised.value.feedback
    assert (
        "Predicted: “in_turn” (one after the other). Seen on the broker: 98 of 599 were equal."
        == feedback.seen
    )
    assert "“random” (by chance)." == feedback.expected
    assert not raised.value.prediction.correct


def test_the_accepted_answer_follows_the_experiment(evidence: Make) -> None:
    written = answered(evidence(), 'which = "one"')
    assert expect.answer(written, WHICH, truth="one", because="").correct
    with pytest.raises(Refuted):
        expect.answer(written, WHICH, truth="random", because="")


def test_an_experiment_that_gives_no_option_is_not_the_students_fault(evidence: Make) -> None:
    with pytest.raises(ValueError, match="no option"):
        expect.answer(answered(evidence(), 'which = "one"'), WHICH, truth="else", because="")


@pytest.mark.parametrize("text", ["", 'which = "?"', "how_many = 3"])
def test_a_question_without_an_answer_is_told_so_and_not_told_the_answer(evidence: Make, text: str) -> None:
    with pytest.raises(expect.Failure) as raised:
        expect.answer(answered(evidence(), text), WHICH, truth="random", because="98 of 599 were equal.")
    feedback = raised.value.feedback
    assert "`which` is not answered yet." == feedback.seen
    assert "random" not in f"{feedback}"


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        (None, "`answers.toml` is missing."),
        ("", "None of the 2 questions in `answers.toml` is answered."),
        ("whch = 3\n", "answers.toml, line 1: `whch` is none of the questions."),
        ("[" * 5000, "answers.toml, line 1: It is not TOML"),
    ],
)
def test_a_file_that_holds_no_predictions_is_one_failure(evidence: Make, text: str | None, seen: str) -> None:
    with pytest.raises(expect.Failure) as raised:
        expect.answers_read(answered(evidence(), text), CLAIMS)
    assert raised.value.feedback.seen.startswith(seen)
    assert raised.value.feedback.expected


def test_an_answer_of_another_kind_costs_that_prediction_alone(evidence: Make) -> None:
    given = answered(evidence(), 'how_many = 3\nwhich = "sometimes"\n')
    expect.answers_read(given, CLAIMS)
    assert expect.answer(given, HOW_MANY, truth=3, because="There are 3.").correct
    with pytest.raises(expect.Failure, match="line 2: `which` is answered with the text"):
        expect.answer(given, WHICH, truth="random", because="98 of 599 were equal.")


def test_one_answer_is_enough_for_a_file_that_can_be_read(evidence: Make) -> None:
    expect.answers_read(answered(evidence(), "how_many = 3"), CLAIMS)


def prediction(last: str, claim: str = "which") -> Prediction:
    return Prediction(claim, "Which?", last, "random", "", correct=last == "random")


def test_the_first_prediction_is_kept_beside_the_last(tmp_path: Path) -> None:
    kept = tmp_path / "report" / "predictions.json"
    assert ["one"] == [each.first for each in answers.keep_first(kept, "03", [prediction("one")])]
    assert ["one"] == [each.first for each in answers.keep_first(kept, "03", [prediction("random")])]
    assert ["random"] == [each.first for each in answers.keep_first(kept, "04", [prediction("random")])]
    assert {"03": {"which": "one"}, "04": {"which": "random"}} == json.loads(kept.read_text())
    assert [kept] == list(kept.parent.iterdir())


def test_a_question_that_is_answered_later_is_kept_from_then_on(tmp_path: Path) -> None:
    kept = tmp_path / "predictions.json"
    answers.keep_first(kept, "03", [prediction("one")])
    both = [prediction("random"), prediction("3", claim="how_many")]
    assert ["one", "3"] == [each.first for each in answers.keep_first(kept, "03", both)]


@pytest.mark.parametrize("damage", ["{", "[]", '{"03": 3}', '{"03": {"which": 3}}'])
def test_damaged_predictions_are_begun_anew(tmp_path: Path, damage: str) -> None:
    kept = tmp_path / "predictions.json"
    kept.write_text(damage)
    assert ["one"] == [each.first for each in answers.keep_first(kept, "03", [prediction("one")])]


def test_a_rubric_that_is_malformed_is_its_authors_to_mend(tmp_path: Path) -> None:
    path = tmp_path / "rubric.toml"
    for text in ("", "claims = 3", "[claims.x]\n", "[claims", "explanation = [3]"):
        path.write_text(text)
        with pytest.raises(ExerciseError):
            answers.claims(path)
        with pytest.raises(ExerciseError):
            answers.criteria(path)


@pytest.mark.parametrize("each", WITH_ANSWERS)
def test_the_questions_handed_out_are_those_of_the_rubric(each: str) -> None:
    handed_out = (FOLDER / each / "answers.toml").read_text(encoding="utf-8")
    asked = answers.claims(FOLDER / each / "rubric.toml")
    words = " ".join(line.removeprefix("#").strip() for line in handed_out.splitlines())
    for name, claim in asked.items():
        assert f'{name} = "?"' in handed_out.splitlines()
        assert claim.question in words
        for option, meaning in claim.options.items():
            assert f'"{option}"' in words
            assert meaning in words
    assert {} == answers.read_answers(handed_out.encode(), tuple(asked.values()))


@pytest.mark.parametrize("each", WITH_ANSWERS)
def test_the_model_answers_answer_every_question(each: str) -> None:
    asked = answers.claims(FOLDER / each / "rubric.toml")
    content = (KIT / "solutions" / each / "answers.toml").read_bytes()
    assert asked.keys() == answers.read_answers(content, tuple(asked.values())).keys()


@pytest.mark.parametrize("each", WITH_ANSWERS)
def test_the_readme_names_what_a_teacher_looks_for(each: str) -> None:
    readme = (FOLDER / each / "README.md").read_text(encoding="utf-8")
    for criterion in answers.criteria(FOLDER / each / "rubric.toml"):
        assert f"| {criterion.text} | {criterion.points} |" in readme
