"""What is taken from a submission's folder, and what is left."""

import os
from pathlib import Path

import pytest

from grader import exercise, submission
from grader.errors import UsageError
from grader.model import Submission


@pytest.fixture
def handed_in(tmp_path: Path) -> Path:
    home = tmp_path / "submission" / "01_small"
    home.mkdir(parents=True)
    (home / "producer.py").write_text("print(1)\n")
    return home


def read(home: Path, exercise_folder: Path) -> Submission:
    return submission.read(home.parent, exercise.load("01_small", seed=1, folder=exercise_folder))


def test_regular_files_are_taken(handed_in: Path, exercise_folder: Path) -> None:
    (handed_in / "orders.py").write_text("x = 1\n")
    assert ["orders.py", "producer.py"] == sorted(read(handed_in, exercise_folder).files)


@pytest.mark.parametrize("name", ["conftest.py", "pytest.ini", "pyproject.toml", "setup.cfg"])
def test_settings_are_ignored_and_listed(handed_in: Path, exercise_folder: Path, name: str) -> None:
    (handed_in / name).write_text("")
    made = read(handed_in, exercise_folder)
    assert {name: "settings come from the kit"} == made.ignored
    assert name not in made.files


def test_links_and_pipes_are_never_followed(handed_in: Path, exercise_folder: Path) -> None:
    (handed_in / "secret.txt").symlink_to("/etc/hostname")
    os.mkfifo(handed_in / "pipe")
    (handed_in / "folder").mkdir()
    made = read(handed_in, exercise_folder)
    assert {"secret.txt": "not a regular file", "pipe": "not a regular file"}.items() <= made.ignored.items()
    assert ["producer.py"] == list(made.files)


def test_a_large_file_is_ignored_with_its_size(handed_in: Path, exercise_folder: Path) -> None:
    (handed_in / "data.bin").write_bytes(b"0" * submission.MAX_BYTES)
    assert "1,000,000 bytes" in read(handed_in, exercise_folder).ignored["data.bin"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file, whatever its mode")
def test_a_file_that_cannot_be_read_is_ignored_with_the_reason(
    handed_in: Path, exercise_folder: Path
) -> None:
    closed = handed_in / "orders.py"
    closed.write_text("x = 1\n")
    closed.chmod(0)
    made = read(handed_in, exercise_folder)
    assert {"orders.py": "cannot be read: Permission denied"} == made.ignored
    assert ["producer.py"] == list(made.files)


@pytest.mark.parametrize(
    "source", ["# TODO\n", "# TODO\r\n", "", "# another comment\n", "\n\n# TODO", "\ufeff# TODO\n"]
)
def test_a_stub_is_known_by_its_syntax_tree(handed_in: Path, exercise_folder: Path, source: str) -> None:
    (handed_in / "producer.py").write_text(source, newline="")
    assert read(handed_in, exercise_folder).not_attempted


@pytest.mark.parametrize(
    ("written", "begun"),
    [('which = "?"\n', False), ("", False), ('which = "random"\n', True), ("which = random\n", True)],
)
def test_predictions_are_an_attempt_before_there_is_a_program(
    handed_in: Path, exercise_folder: Path, written: str, begun: bool
) -> None:
    (handed_in / "producer.py").write_text("# TODO\n")
    (handed_in / "answers.toml").write_text(written)
    assert read(handed_in, exercise_folder).not_attempted
    (exercise_folder / "01_small" / "rubric.toml").touch()
    assert begun is not read(handed_in, exercise_folder).not_attempted


def test_a_program_that_is_no_python_is_an_attempt(handed_in: Path, exercise_folder: Path) -> None:
    (handed_in / "producer.py").write_text("def (:\n")
    assert not read(handed_in, exercise_folder).not_attempted


def test_the_digest_follows_names_and_contents(handed_in: Path, exercise_folder: Path) -> None:
    first = read(handed_in, exercise_folder).digest
    (handed_in / "a").write_text("b")
    second = read(handed_in, exercise_folder).digest
    (handed_in / "a").rename(handed_in / "b")
    third = read(handed_in, exercise_folder).digest
    assert 3 == len({first, second, third})


@pytest.mark.parametrize("empty", [True, False])
def test_a_folder_without_exercises_is_wrong_use(tmp_path: Path, *, empty: bool) -> None:
    folder = tmp_path / "nothing"
    if empty:
        folder.mkdir()
    with pytest.raises(UsageError, match="nothing"):
        submission.check_folder(folder)


@pytest.mark.parametrize(
    ("source", "dials"),
    [
        ("KafkaProducer(bootstrap_servers='localhost:9092')", True),
        ("port = 9092", True),
        ("f'localhost:{9092}'", True),
        ("'''made for localhost:9092'''", False),
        ("# localhost:9092", False),
        ("os.environ.get('KAFKA_BOOTSTRAP_SERVERS', 'localhost:9092')", False),
        ("os.getenv('KAFKA_BOOTSTRAP_SERVERS', default='localhost:9092').split(',')", False),
        ("s = os.getenv('KAFKA_BOOTSTRAP_SERVERS', 'localhost:9092')\np = 'localhost:9092'", True),
        ("KafkaProducer(bootstrap_servers='broker:19092,broker:29092')", False),
        ("timeout_ms = 90920", False),
        ("KafkaProducer(bootstrap_servers='a:19092,localhost:9092')", True),
        ("KafkaProducer()", True),
        ("kafka.KafkaProducer(acks='all')", True),
        ("AIOKafkaProducer(acks=1)", True),
        ("KafkaConsumer('orders')", True),
        ("KafkaProducer(bootstrap_servers='localhost')", True),
        ("Producer({'bootstrap.servers': 'localhost'})", True),
        ("KafkaProducer(bootstrap_servers=os.getenv('KAFKA_BOOTSTRAP_SERVERS', 'localhost'))", False),
        ("KafkaProducer(**settings)", False),
        ("KafkaProducer(bootstrap_servers=f'localhost:{port}')", False),
        ("def (", False),
    ],
)
def test_a_program_that_dials_the_default_address_outright_is_known(source: str, *, dials: bool) -> None:
    made = Submission("01_small", {"producer.py": source.encode()}, "")
    assert dials is submission.dials_default_address(made)
