"""A new exercise is a new folder: scenario, fault, experiment and claim, and no line of the grader."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from grader.exercise import KIT
from tests import example

pytestmark = [pytest.mark.broker, pytest.mark.timeout(180)]

NAME, OTHER = "10_two_copies", "01_hello_kafka"
# What holds the programs of tests/submissions/ against their recorded verdicts.
RECORDED = ("__init__", "conftest", "corpus", "test_exercises")
FILES = {
    "exercises/10_two_copies/README.md": """\
# Two copies

`make grade EX=10_two_copies` grades this exercise; the result is in `report/index.html`.

| check | points |
|---|---|
| Both copies arrive, however late the broker gets them. | 3 |
| `answers.toml` can be read, and holds predictions. | 1 |
| The prediction `copies` is what the broker shows. | 1 |
""",
    "exercises/10_two_copies/hints.md": """\
## Both copies arrive, however late the broker gets them.

1. One.
2. Two.
3. Three.

## `answers.toml` can be read, and holds predictions.

1. One.
2. Two.
3. Three.

## The prediction `copies` is what the broker shows.

1. One.
2. Two.
3. Three.
""",
    "exercises/10_two_copies/rubric.toml": """\
[claims.copies]
question = "Two records are sent. How many are stored?"
""",
    "exercises/10_two_copies/answers.toml": """\
# Two records are sent. How many are stored?
#   a number, without quotation marks
copies = "?"
""",
    "exercises/10_two_copies/producer.py": "# TODO: send two copies to the topic `copies`.\n",
    "exercises/10_two_copies/experiments/twice.py": """\
import os
from kafka import KafkaProducer
with KafkaProducer(bootstrap_servers=os.environ["KAFKA_BOOTSTRAP_SERVERS"]) as producer:
    for _ in range(2):
        producer.send("copies", b"copy")
""",
    "exercises/10_two_copies/checks.py": '''\
from pathlib import Path

from grader import Scenario, Stall, Topic, after, claims, expect, points, under

QUESTIONS = claims(Path(__file__).with_name("rubric.toml"))
EXPERIMENT = (Path(__file__).parent / "experiments" / "twice.py").read_bytes()


def stalled(draw):
    """The first Produce is held."""
    fault = Stall(hold_s=draw.uniform(4, 5))
    return Scenario(name="stalled", title="late", topics=(Topic("copies", draw.randint(3, 12)),), fault=fault)


def experiment(draw):
    """Two copies are sent."""
    return Scenario(name="experiment", title="twice", topics=(Topic("copies", 3),), program=EXPERIMENT)


@points(3)
@under(stalled)
def check_both(evidence):
    """Both copies arrive, however late the broker gets them."""
    if len(evidence.of_topic("copies")) != 2:
        expect.fail(f"{len(evidence.records)} copies are stored.", expected="Two.", advice="Wait for both.")


@points(1)
@under(experiment)
def check_answers(evidence):
    """`answers.toml` can be read, and holds predictions."""
    expect.answers_read(evidence, tuple(QUESTIONS.values()))


@points(1)
@under(experiment)
@after(check_answers)
def check_copies(evidence):
    """The prediction `copies` is what the broker shows."""
    stored = len(evidence.records)
    return expect.answer(evidence, QUESTIONS["copies"], truth=stored, because=f"{stored} are stored.")
''',
    "solutions/10_two_copies/answers.toml": "copies = 2\n",
    "solutions/10_two_copies/producer.py": """\
import os
from kafka import KafkaProducer
with KafkaProducer(bootstrap_servers=os.environ["KAFKA_BOOTSTRAP_SERVERS"]) as producer:
    for _ in range(2):
        producer.send("copies", b"copy")
""",
}


@pytest.fixture(scope="module")
def kit(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the kit with two more exercises, whose grader is the very same files."""
    folder = tmp_path_factory.mktemp("authoring") / "kit"
    for name in ("exercises", "solutions", "stubs"):
        shutil.copytree(
            KIT / name / OTHER, folder / name / OTHER, ignore=shutil.ignore_patterns("__pycache__")
        )
    # The grader finds the exercises beside its own folder, so that it is copied, as it is.
    shutil.copytree(KIT / "grader", folder / "grader", ignore=shutil.ignore_patterns("__pycache__"))
    for name, content in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content, encoding="utf-8")
    example.write(folder)
    for name in ("pyproject.toml", *(f"tests/{each}.py" for each in RECORDED)):
        shutil.copy2(KIT / name, folder / name)
    return folder


def say(kit: Path, *arguments: str, module: str = "grader") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [KIT / ".venv/bin/python", "-m", module, *arguments],
        cwd=kit,
        env={**os.environ, "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        timeout=150,
        check=False,
    )


def result(kit: Path) -> dict[str, object]:
    report = json.loads((kit / "report" / "results.json").read_text(encoding="utf-8"))
    (exercise,) = report["exercises"]
    return {check["id"]: check["outcome"] for check in exercise["checks"]} | {"outcome": exercise["outcome"]}


def test_the_gate_knows_the_new_folders(kit: Path) -> None:
    refused = say(kit, "check-exercises")
    assert 1 == refused.returncode
    renewed = say(kit, "check-exercises", "--renew-stubs", NAME, example.NAME)
    assert 0 == renewed.returncode, renewed.stdout + renewed.stderr
    for each in (NAME, example.NAME):
        assert f"stubs/{each}/producer.py" in refused.stdout
        assert f"stubs/{each}/producer.py has been renewed.\n" in renewed.stdout
    assert OTHER not in renewed.stdout
    assert f"Remark: tests/submissions/{NAME}/ holds no program" in renewed.stdout
    assert 1 == renewed.stdout.count("Remark:")


def test_the_example_for_authors_gets_what_it_says_of_itself(kit: Path) -> None:
    done = say(kit, "-k", example.NAME, module="pytest")
    assert 0 == done.returncode, done.stdout + done.stderr
    assert "3 passed" in done.stdout  # its solution, its wrong program, and that one's recorded verdict


def test_its_solution_passes_under_its_fault_and_its_claim_is_held_against_its_experiment(kit: Path) -> None:
    done = say(kit, "grade", NAME, "--submission", "solutions")
    assert 0 == done.returncode, done.stdout + done.stderr
    assert {"both": "passed", "answers": "passed", "copies": "passed", "outcome": "passed"} == result(kit)


def test_its_stub_earns_nothing(kit: Path) -> None:
    done = say(kit, "grade", NAME)
    assert 1 == done.returncode, done.stdout + done.stderr
    assert "not_attempted" == result(kit)["outcome"]


def test_an_error_in_a_check_is_named_to_its_author_with_its_line(kit: Path) -> None:
    checks = kit / "exercises" / NAME / "checks.py"
    right = checks.read_text(encoding="utf-8")
    title = '    """Both copies arrive, however late the broker gets them."""\n'
    checks.write_text(right.replace(title, f'{title}    raise ValueError("boom")\n'), encoding="utf-8")
    line = 1 + right[: right.index(title) + len(title)].count("\n")
    done = say(kit, "check-exercises", NAME)
    checks.write_text(right, encoding="utf-8")
    assert 3 == done.returncode, done.stdout + done.stderr
    assert f"In {NAME}/checks.py line {line}: ValueError: boom" in done.stdout
    assert "yours" not in done.stdout


def test_an_error_in_a_remark_is_named_to_its_author_with_its_line(kit: Path) -> None:
    checks = kit / "exercises" / NAME / "checks.py"
    right = checks.read_text(encoding="utf-8")
    (conditions,) = set(re.findall(r"^@under\(\w+\)$", right, re.MULTILINE)[:1])
    remark = f"\n\n@advises\n{conditions}\ndef remark(evidence):\n    yield from evidence.nothing\n"
    checks.write_text(right.replace("from grader import ", "from grader import advises, ") + remark, "utf-8")
    done = say(kit, "check-exercises", NAME)
    checks.write_text(right, encoding="utf-8")
    assert 1 == done.returncode, done.stdout + done.stderr
    line = right.count("\n") + 6
    assert f"In {NAME}/checks.py line {line}: AttributeError: " in done.stdout.splitlines()[-1]
    assert "yours" not in done.stdout


def test_a_wrong_program_and_a_wrong_prediction_fail(kit: Path) -> None:
    home = kit / "exercises" / NAME
    program = (kit / "solutions" / NAME / "producer.py").read_text(encoding="utf-8")
    (home / "producer.py").write_text(program.replace("range(2)", "range(3)"), encoding="utf-8")
    (home / "answers.toml").write_text("copies = 3\n", encoding="utf-8")
    assert 1 == say(kit, "grade", NAME).returncode
    assert {"both": "failed", "answers": "passed", "copies": "failed", "outcome": "failed"} == result(kit)
