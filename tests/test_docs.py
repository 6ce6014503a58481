"""Documentation cannot lag: every command in it is run, in a clone, as its reader would."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

KIT = Path(__file__).parent.parent
PAGES = sorted([KIT / "README.md", KIT / "CONTRIBUTING.md", *(KIT / "docs").glob("*.md")])
ONE = "01_hello_kafka"
COMMAND = re.compile(r"^ +((?:make|\.venv/bin/python|python) [^#\n]*?) *(?:#.*)?$", re.MULTILINE)
LOOP = re.compile(r"^for .*^done$", re.MULTILINE | re.DOTALL)
FENCED = re.compile(r"^```(?:sh|bash|console)?\n(.*?)^```", re.MULTILINE | re.DOTALL)

# Not run here, each for the reason beside it.
EXEMPT = {
    "make test": "it is what runs this test",
    'make test ARGS="--corpus all"': "it is what runs this test; CI runs it with these arguments",
    "make check": "it runs this test",
    "make bench": "it takes half an hour, and its figures want a machine to themselves",
    ".venv/bin/python -m grader grade --submission solutions": "CI runs it, as a student would",
    ".venv/bin/python -m grader check-exercises --renew-stubs 10_greetings": "it names a new exercise; "
    "tests/test_authoring.py runs it",
    'make test ARGS="-k 10_greetings"': "tests/test_authoring.py runs it where there is that exercise",
    "make check-exercises": "`make check` runs it",
    "make watch EX=01_hello_kafka": "it goes on until Ctrl-C; tests/test_watch.py runs it",
}
# What grades more than one exercise, and is of commands that other tests run in part: CI runs it.
LONG = frozenset(
    {
        ".venv/bin/python -m grader grade --submission solutions --out report/solutions",
        "make check-exercises EX=01_hello_kafka",
    }
)
# What ends with another code than 0, as its page says.
CODES = {"make solution EX=01_hello_kafka": 2}


def commands(page: Path) -> list[str]:
    text = page.read_text(encoding="utf-8")
    blocks = FENCED.findall(text)
    loops = [loop for block in blocks for loop in LOOP.findall(block)]
    fenced = "".join(f"    {line}\n" for block in blocks for line in LOOP.sub("", block).splitlines())
    found = loops + [command.strip() for command in COMMAND.findall(FENCED.sub("", text) + "\n" + fenced)]
    return list(dict.fromkeys(found))


ALL = list(dict.fromkeys(command for page in PAGES for command in commands(page)))  # in their readers' order
LOOPS = [command for command in ALL if command.startswith("for ")]
RUN = [
    command
    for command in ALL
    if command not in [*EXEMPT, *LOOPS] and not re.match(r"make (up|down)|.*docker", command)
]


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Yield a clone of the working tree with the environment that runs this test."""
    folder = tmp_path_factory.mktemp("docs") / "kit"
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listed, cwd=KIT, capture_output=True, text=True, check=True).stdout.split("\0")
    for name in filter(None, names):
        if (KIT / name).exists():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(KIT / name, folder / name, follow_symlinks=False)
    # Links to the parts, never to the whole: a set-up that is not content removes links alone.
    (folder / ".venv").mkdir()
    for part in (KIT / ".venv").iterdir():
        (folder / ".venv" / part.name).symlink_to(part)
    for lock in ("requirements.lock", "requirements-dev.lock"):
        assert (KIT / lock).read_bytes() == (KIT / ".venv" / lock).read_bytes(), "make the .venv anew first"
    yield folder
    subprocess.run([KIT / ".venv/bin/python", "-m", "grader", "broker", "stop"], cwd=folder, check=False)


@pytest.mark.broker
@pytest.mark.timeout(240)
@pytest.mark.parametrize(
    "command", [pytest.param(each, marks=[pytest.mark.whole] if each in LONG else []) for each in RUN]
)
def test_a_command_of_the_documentation_works(command: str, clone: Path) -> None:
    shutil.rmtree(clone.parent / "kafka-exercises", ignore_errors=True)
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=clone,
        env={**os.environ, "NO_COLOR": "1"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=220,
        check=False,
    )
    code = 2 if command in CODES else 0
    assert code == done.returncode, done.stdout + done.stderr


@pytest.mark.whole
@pytest.mark.broker
@pytest.mark.timeout(240)
def test_a_class_is_graded_into_a_report_each(clone: Path) -> None:
    (loop,) = LOOPS
    for student in ("ada", "bob", "eve"):
        shutil.copytree(clone / "solutions" / ONE, clone / "class" / student / ONE)
    (clone / "class" / "grading.toml").write_text("[ada.04_acks]\npoints = many\n[bob.04_acks]\npoints = 1\n")
    done = subprocess.run(["bash", "-c", loop], cwd=clone, capture_output=True, text=True, check=False)
    assert 0 == done.returncode, done.stdout + done.stderr
    assert 1 == done.stderr.count("grading.toml, line 2: It is not TOML")
    reports = {
        path.parent.name: json.loads(path.read_text()) for path in clone.glob("report/class/*/results.json")
    }
    assert {"bob": 10, "eve": 10} == {student: report["score"] for student, report in reports.items()}


def test_every_exemption_is_still_in_the_documentation() -> None:
    assert set() == {command for command in [*EXEMPT, *LONG] if command not in ALL}


def test_no_page_and_no_message_names_a_python_that_lacks_the_packages() -> None:
    spoken = [*PAGES, *KIT.glob("exercises/*/*.*"), *KIT.glob("solutions/*/*.*"), *KIT.glob("grader/**/*.py")]
    assert [] == [
        f"{path.relative_to(KIT)}: {line}"
        for path in spoken
        for line in path.read_text(encoding="utf-8").splitlines()
        if re.search(r"(?<!bin/)python3? -m grader\b", line)
    ]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_of_the_documentation_leads_somewhere(page: Path) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)\)", page.read_text(encoding="utf-8"))
    assert [] == [link for link in links if not (page.parent / link).exists()]
