"""Read what is handed in: the regular files of an exercise's folder, and nothing else of it."""

import ast
import hashlib
import os
import re
import stat
from collections.abc import Mapping
from pathlib import Path

from grader import answers
from grader.errors import UsageError
from grader.exercise import RUBRIC, Exercise
from grader.model import Submission

MAX_BYTES = 1_000_000
PROGRAM = "producer.py"
# Lesson, checks and settings always come from the kit.
KIT_FILES = frozenset({"README.md", "hints.md", "checks.py"})
SETTINGS = frozenset({"conftest.py", "pytest.ini", "tox.ini", "setup.cfg", "pyproject.toml", "expected.toml"})
KIT_FOLDERS = frozenset({"experiments", "__pycache__"})
DEFAULT_PORT = re.compile(r"(?<!\d)9092(?!\d)")
# A client takes a host without a port for one at 9092, and no address at all for this host.
DEFAULT_HOST = "localhost"
CLIENTS = frozenset(
    {"KafkaProducer", "KafkaConsumer", "KafkaAdminClient", "AIOKafkaProducer", "AIOKafkaConsumer"}
)
VARIABLE = "KAFKA_BOOTSTRAP_SERVERS"


def check_folder(folder: Path) -> None:
    """Refuse a submission folder that is absent or holds no exercise.

    Raises:
        UsageError: One sentence that says which, and what the folder should hold.
    """
    cure = "It holds one folder an exercise, such as 01_hello_kafka/producer.py."
    if not folder.is_dir():
        raise UsageError(f"There is no folder “{folder}” to grade.", cure=cure)
    if not any(each.is_dir() and each.name[:2].isdigit() for each in folder.iterdir()):
        raise UsageError(f"The folder “{folder}” holds no exercise.", cure=cure)


def read(folder: Path, exercise: Exercise) -> Submission:
    """Read one exercise's folder of a submission; a link or a device in it is never followed."""
    files: dict[str, bytes] = {}
    ignored: dict[str, str] = {}
    home = folder / exercise.id
    for name in sorted(os.listdir(home)) if home.is_dir() else ():
        if name in KIT_FILES or name in KIT_FOLDERS or name.startswith("."):
            continue
        reason = _take(home / name, files)
        if reason:
            ignored[name] = reason
    return Submission(
        exercise=exercise.id,
        files=files,
        digest=_digest(files),
        ignored=ignored,
        not_attempted=not home.is_dir() or _is_stub(files, exercise),
    )


def _take(path: Path, files: dict[str, bytes]) -> str:
    """Add a file's bytes to `files`, or return why it is ignored."""
    if path.name in SETTINGS:
        return "settings come from the kit"
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as error:
        is_link = path.is_symlink()
        return "not a regular file" if is_link else f"cannot be read: {error.strerror}"
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        os.close(descriptor)
        return "not a regular file"
    with os.fdopen(descriptor, "rb") as file:
        if status.st_size >= MAX_BYTES:
            return f"has {status.st_size:,} bytes; a file handed in is smaller than {MAX_BYTES:,}"
        files[path.name] = file.read(MAX_BYTES)
    return ""


def _digest(files: Mapping[str, bytes]) -> str:
    digest = hashlib.sha256()
    for name, content in sorted(files.items()):
        for part in (os.fsencode(name), content):
            digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()


def _is_stub(files: Mapping[str, bytes], exercise: Exercise) -> bool:
    program = files.get(PROGRAM)
    if program is None or not _is_same_program(program, exercise.stub):
        return False
    # Where predictions are asked for, they are made first.
    asked = (exercise.folder / RUBRIC).exists()
    return not (asked and answers.holds_answers(files.get(answers.FILE, b"")))


def _is_same_program(program: bytes, other: bytes) -> bool:
    return program == other or _tree(program) == _tree(other) is not None


def _tree(source: bytes) -> str | None:
    try:
        return ast.dump(ast.parse(source))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def dials_default_address(submission: Submission) -> bool:
    """Whether the program may dial `localhost:9092` outright, as the lesson's own examples do.

    A client that is given no address, or a host alone, dials it, too. The default of a look-up of
    KAFKA_BOOTSTRAP_SERVERS, as the stubs have it, is not outright.
    """
    return any(_dials_default(source) for name, source in submission.files.items() if name.endswith(".py"))


def _dials_default(source: bytes) -> bool:
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    defaults = {id(part) for node in ast.walk(tree) for part in _default_of_look_up(node)}
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    return any(
        _is_given_no_address(node)
        or (
            isinstance(node, ast.Constant)
            and (node.value == DEFAULT_HOST or DEFAULT_PORT.search(str(node.value)))
            and id(node) not in defaults | docstrings
        )
        for node in ast.walk(tree)
    )


def _is_given_no_address(node: ast.AST) -> bool:
    if not isinstance(node, ast.Call):
        return False
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    # `**settings` may hold the address; what it holds stands elsewhere in the program.
    return name in CLIENTS and not any(each.arg in {None, "bootstrap_servers"} for each in node.keywords)


def _default_of_look_up(node: ast.AST) -> list[ast.AST]:
    if not isinstance(node, ast.Call) or not node.args:
        return []
    first = node.args[0]
    if isinstance(first, ast.Constant) and first.value == VARIABLE:
        return [part for each in (*node.args[1:], *node.keywords) for part in ast.walk(each)]
    return []
