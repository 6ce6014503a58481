"""Set-up: a `.venv` that is whole or not used, whatever happens to a run; locks and Makefile.

Most tests run the real set-up in a small kit of its own, whose locks name two small packages. They come
from a folder, so that no network is used.
"""

import base64
import contextlib
import hashlib
import importlib.util
import os
import random
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path

import platformdirs
import pytest

import environment.__main__ as setup
from environment import cache, trouble, wheels
from environment.trouble import Trouble, diagnosed
from grader.broker import jars

ROOT = Path(__file__).parent.parent
GRADER = "import os, sys; print('graded', *sys.argv[1:]); sys.exit(int(os.environ.get('CODE', '0')))"
KILLS = 5


def wheel(folder: Path, name: str, version: str, content: str) -> str:
    """Make a wheel; return its line in a lock."""
    path = folder / f"{name}-{version}-py3-none-any.whl"
    info = f"{name}-{version}.dist-info"
    files = {
        f"{name}.py": content,
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = [f"{file},sha256={digest(text.encode())},{len(text)}" for file, text in files.items()]
    with zipfile.ZipFile(path, "w") as archive:
        for file, text in files.items():
            archive.writestr(file, text)
        archive.writestr(f"{info}/RECORD", "\n".join([*record, f"{info}/RECORD,,\n"]))
    return f"{name}=={version} \\\n    --hash=sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}\n"


def digest(content: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(content).digest()).decode().rstrip("=")


@contextlib.contextmanager
def mounted(folder: Path, options: str) -> Iterator[None]:
    """Mount a small disk, or one that may not be written; skip where this account may not."""
    folder.mkdir(exist_ok=True)
    mount = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
    try:
        subprocess.run(mount, check=True, capture_output=True, text=True)
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"no disk can be mounted here: {getattr(error, 'stderr', error)}")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


class Kit:
    """A small kit in a folder, and the commands that a student gives there."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.root = home / "kit"
        self.index = home / "index"
        self.cache = home / "cache"
        self.python = sys.executable
        self.variables = {
            "PATH": os.environ["PATH"],
            "HOME": str(home),
            "KAFKA_KIT_CACHE": str(self.cache),
            "PIP_NO_INDEX": "1",
            "PIP_FIND_LINKS": str(self.index),
            "PIP_RETRIES": "0",
        }

    def start(self, *arguments: str, **variables: str) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [self.python, "-Es", "-m", "environment", *arguments],
            cwd=self.root,
            env=self.variables | variables,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def run(self, *arguments: str, **variables: str) -> tuple[int, str]:
        process = self.start(*arguments, **variables)
        said, _ = process.communicate()
        return process.returncode, said

    def make(self, *arguments: str, **variables: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            ["make", *arguments],
            cwd=self.root,
            env=self.variables | variables,
            capture_output=True,
            text=True,
            check=False,
        )

    def has(self, package: str) -> bool:
        command = [str(self.root / ".venv" / "bin" / "python"), "-c", f"import {package}"]
        return subprocess.run(command, capture_output=True, check=False).returncode == 0

    def stamps(self) -> set[str]:
        return {path.name for path in (self.root / ".venv").glob("*.lock")}

    def set_lock(self, *lines: str, name: str = "requirements.lock") -> None:
        (self.root / name).write_text("".join(lines))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Kit:
    """A kit whose set-up has run; the wheels have come, the environment is whole."""
    kit = Kit(tmp_path_factory.mktemp("made"))
    shutil.copytree(
        ROOT / "environment", kit.root / "environment", ignore=shutil.ignore_patterns("__pycache__")
    )
    shutil.copy(ROOT / "Makefile", kit.root)
    (kit.root / "grader").mkdir()
    (kit.root / "grader" / "__main__.py").write_text(GRADER)
    kit.index.mkdir()
    kit.set_lock(wheel(kit.index, "tiny", "1.0", "pass"), wheel(kit.index, "small", "2.0", "pass"))
    kit.set_lock(wheel(kit.index, "tool", "3.0", "pass"), name="requirements-dev.lock")
    code, said = kit.run()
    assert code == 0, said
    return kit


@pytest.fixture
def kit(made: Kit, tmp_path: Path) -> Kit:
    """A copy of the made kit, to be spoilt."""
    shutil.copytree(made.home, tmp_path / "home", symlinks=True)
    return Kit(tmp_path / "home")


class TestSetUp:
    def test_it_installs_what_the_lock_names_and_stamps_it_last(self, made: Kit) -> None:
        assert made.has("tiny")
        assert made.has("small")
        assert (made.root / "requirements.lock").read_bytes() == (
            made.root / ".venv/requirements.lock"
        ).read_bytes()

    def test_nothing_is_left_of_its_work(self, made: Kit) -> None:
        kept = {path.name for path in (made.cache / "wheels").glob("*/*")}
        assert {"tiny-1.0-py3-none-any.whl", "small-2.0-py3-none-any.whl", "lock"} == {
            name for name in kept if not name.endswith(".complete")
        }
        assert not (made.root / ".venv" / "tmp").exists()

    def test_the_second_run_does_nothing(self, kit: Kit) -> None:
        before = sorted((path, path.stat().st_mtime_ns) for path in (kit.root / ".venv").iterdir())
        assert (0, "") == kit.run()
        assert before == sorted((path, path.stat().st_mtime_ns) for path in (kit.root / ".venv").iterdir())

    def test_tools_are_added_when_they_are_asked_for(self, kit: Kit) -> None:
        assert not kit.has("tool")
        code, said = kit.run("--dev")
        assert (0, True, True) == (code, kit.has("tool"), kit.has("tiny"))
        assert "Making .venv" not in said
        assert {"requirements.lock", "requirements-dev.lock"} == kit.stamps()
        assert (0, "") == kit.run()

    def test_another_lock_makes_it_anew(self, kit: Kit) -> None:
        kit.set_lock(wheel(kit.index, "tiny", "1.1", "x = 1"))
        code, said = kit.run()
        assert (0, True, False) == (code, kit.has("tiny"), kit.has("small"))
        assert "Fetched 1 packages" in said

    def test_without_a_network_the_kept_wheels_do(self, kit: Kit) -> None:
        shutil.rmtree(kit.root / ".venv")
        shutil.rmtree(kit.index)
        code, said = kit.run()
        assert (0, True) == (code, kit.has("tiny"))
        assert "Fetch" not in said

    def test_an_interpreter_that_is_gone_makes_it_anew(self, kit: Kit) -> None:
        python = kit.root / ".venv" / "bin" / "python"
        python.unlink()
        python.symlink_to(kit.home / "removed" / "python")
        code, said = kit.run()
        assert (0, True) == (code, kit.has("tiny"))
        assert "Making .venv" in said

    def test_the_python_inside_makes_it_anew_when_the_lock_has_changed(self, kit: Kit) -> None:
        kit.python = str(kit.root / ".venv" / "bin" / "python")
        kit.set_lock((kit.root / "requirements.lock").read_text(), "# changed\n")
        code, said = kit.run()
        assert (0, True) == (code, kit.has("tiny")), said
        assert "Making .venv" in said

    def test_a_foreign_venv_is_replaced(self, kit: Kit) -> None:
        shutil.rmtree(kit.root / ".venv")
        (kit.root / ".venv" / "lib").mkdir(parents=True)
        (kit.root / ".venv" / "lib" / "theirs").touch()
        assert 0 == kit.run()[0]
        assert not (kit.root / ".venv" / "lib" / "theirs").exists()

    def test_pip_settings_of_the_user_do_not_lead_it_elsewhere(self, kit: Kit) -> None:
        shutil.rmtree(kit.root / ".venv")
        (kit.home / ".config" / "pip").mkdir(parents=True)
        (kit.home / ".config" / "pip" / "pip.conf").write_text(
            f"[install]\nuser = true\ntarget = {kit.home}/elsewhere\n"
        )
        assert (0, True) == (kit.run(PIP_USER="1", PIP_PREFIX="/elsewhere")[0], kit.has("tiny"))

    def test_wrong_use_is_said(self, kit: Kit) -> None:
        assert (2, "usage: python -m environment [--dev | --clean-cache]\n") == kit.run("--what")

    def test_clean_cache_removes_the_cache_and_nothing_else(self, kit: Kit) -> None:
        assert 0 == kit.run("--clean-cache")[0]
        assert not kit.cache.exists()
        assert kit.has("tiny")
        assert (0, f"{kit.cache} is not there: nothing to remove.\n") == kit.run("--clean-cache")


class TestInterrupted:
    def test_a_run_killed_at_any_moment_leaves_nothing_half_in_use(self, kit: Kit) -> None:
        draw = random.Random(5)
        shutil.rmtree(kit.cache)
        for _ in range(KILLS):
            (kit.root / ".venv" / "requirements.lock").unlink(missing_ok=True)
            process = kit.start()
            try:
                process.wait(draw.uniform(0, 4))
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, 9) if draw.random() < 0.5 else process.kill()
            process.communicate()
            assert not kit.stamps() or (kit.has("tiny") and kit.has("small"))
        code, said = kit.run()
        assert (0, True, True) == (code, kit.has("tiny"), kit.has("small")), said
        assert [] == list((kit.cache / "wheels").glob("*/part-*"))

    def test_a_kill_while_tools_are_added_is_noticed(self, kit: Kit) -> None:
        (kit.root / ".venv" / "requirements.lock").unlink()  # taken away first, as a run does
        site = next((kit.root / ".venv").glob("lib/python*/site-packages"))
        (site / "tiny.py").unlink()
        assert (0, True, True) == (kit.run("--dev")[0], kit.has("tiny"), kit.has("tool"))

    def test_two_at_once_both_end_well_and_one_waits(self, kit: Kit) -> None:
        shutil.rmtree(kit.root / ".venv")
        shutil.rmtree(kit.cache)
        both = [kit.start(), kit.start()]
        said = [process.communicate()[0] for process in both]
        assert [0, 0] == [process.returncode for process in both]
        assert ["", "Another run is making .venv: waiting for it.\n"] == sorted(
            text if text.startswith("Another") else "" for text in said
        )
        assert kit.has("tiny")

    def test_ctrl_c_ends_it_with_a_word_and_its_own_code(self, kit: Kit) -> None:
        (kit.root / ".venv" / "requirements.lock").unlink()
        process = kit.start()
        assert process.stdout is not None
        process.stdout.readline()
        os.killpg(process.pid, 2)
        said, _ = process.communicate()
        assert (130, "Stopped. The next run goes on from here.\n") == (process.returncode, said[-41:])
        assert set() == kit.stamps()

    def test_a_kept_wheel_that_went_bad_is_fetched_again(self, kit: Kit) -> None:
        shutil.rmtree(kit.root / ".venv")
        kept = next(kit.cache.glob("wheels/*/tiny-*.whl"))
        kept.write_bytes(kept.read_bytes()[:-50])
        code, said = kit.run()
        assert (0, True) == (code, kit.has("tiny")), said
        assert "Fetched 1 packages" in said


class TestTrouble:
    @pytest.mark.parametrize(
        ("variables", "sentence"),
        [
            (
                {"PIP_NO_INDEX": "0", "PIP_RETRIES": "1", "PIP_INDEX_URL": "http://127.0.0.1:9/simple"},
                "the package index cannot be reached",
            ),
            (
                {
                    "PIP_NO_INDEX": "0",
                    "PIP_RETRIES": "1",
                    "PIP_INDEX_URL": "https://index.invalid/simple",
                    "PIP_PROXY": "http://me:secret@127.0.0.1:9",
                },
                "the proxy cannot be reached or refuses",
            ),
            (
                {"PIP_NO_INDEX": "0", "PIP_RETRIES": "1", "PIP_INDEX_URL": "https://index.invalid/simple"},
                "the package index cannot be reached",
            ),
            ({"PIP_FIND_LINKS": "/nowhere"}, "a package has no build for this Python on this machine"),
        ],
    )
    def test_the_cause_is_named(self, kit: Kit, variables: dict[str, str], sentence: str) -> None:
        kit.set_lock(wheel(kit.home, "absent", "1.0", "pass"))
        code, said = kit.run(**variables)
        assert 3 == code
        assert f"Fetching packages failed: {sentence}.\n" in said
        assert "secret" not in said
        assert set() == kit.stamps()

    def test_a_package_that_is_not_the_locked_one_is_refused(self, kit: Kit) -> None:
        line = wheel(kit.index, "tiny", "1.2", "pass")
        wheel(kit.index, "tiny", "1.2", "import os")
        kit.set_lock(line)
        code, said = kit.run()
        assert 3 == code
        assert f"Fetching packages failed: {trouble.WRONG_CONTENT}.\nRun `make clean-cache`" in said

    def test_a_folder_that_cannot_be_written_is_said(self, kit: Kit) -> None:
        (kit.home / "file").touch()
        shutil.rmtree(kit.root / ".venv")
        code, said = kit.run(KAFKA_KIT_CACHE=str(kit.home / "file"))
        assert 3 == code
        assert said.startswith("Making .venv")
        assert "Set-up failed" in said

    def test_a_folder_that_is_read_only_is_said(self, kit: Kit) -> None:
        shutil.rmtree(kit.root / ".venv")
        with mounted(kit.home / "theirs", "ro"):
            code, said = kit.run(KAFKA_KIT_CACHE=str(kit.home / "theirs"))
        assert 3 == code
        assert "failed: a file or folder may not be written.\n" in said
        assert "name another cache in KAFKA_KIT_CACHE" in said

    def test_a_small_disk_is_said_and_another_cache_mends_it(self, kit: Kit) -> None:
        shutil.rmtree(kit.root / ".venv")
        with mounted(kit.home / "small", "size=1m"):
            code, said = kit.run(KAFKA_KIT_CACHE=str(kit.home / "small"))
        assert 3 == code
        assert re.search(r"small\S* has \d MB free; set-up needs 500 MB\.\nFree some space, or name", said)
        assert (0, True) == (kit.run()[0], kit.has("tiny"))

    def test_a_disk_that_fills_up_meanwhile_is_said_and_the_next_run_goes_on(self, kit: Kit) -> None:
        shutil.rmtree(kit.root / ".venv")
        (kit.root / ".venv").mkdir()
        trouble_py = kit.root / "environment" / "trouble.py"
        known = trouble_py.read_text()
        trouble_py.write_text(re.sub(r"(?m)^NEEDED_BYTES = .*", "NEEDED_BYTES = 1", known))
        with mounted(kit.root / ".venv", "size=1m"):  # it looks large enough before work begins
            code, said = kit.run()
        trouble_py.write_text(known)
        assert 3 == code
        assert "failed: the disk is full.\nFree some space, then run it again." in said
        assert (0, True) == (kit.run()[0], kit.has("tiny"))

    def test_too_little_space_is_said_before_work_begins(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(trouble, "NEEDED_BYTES", 10**18)
        with pytest.raises(Trouble, match=r"has \d+ MB free; set-up needs 1000000000000 MB"):
            trouble.require_space(tmp_path)

    @pytest.mark.parametrize(
        ("line", "sentence"),
        [
            (
                "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device",
                "the disk is full",
            ),
            ("[Errno 122] Disk quota exceeded", "the disk is full"),
            ("[Errno 13] Permission denied: '/kit/.venv'", "a file or folder may not be written"),
            ("[Errno 30] Read-only file system: '/kit/.venv'", "a file or folder may not be written"),
            (
                "connection broken by 'SSLError(1, '[SSL: CERTIFICATE_VERIFY_FAILED]'))'",
                "the package index shows a certificate that this machine does not trust",
            ),
            (
                'ReadTimeoutError("HTTPSConnectionPool: Read timed out. (read timeout=15)")',
                "the package index cannot be reached",
            ),
            ("('Connection broken: IncompleteRead(5 bytes read)')", "the package index cannot be reached"),
        ],
    )
    def test_what_pip_prints_becomes_a_sentence(self, line: str, sentence: str) -> None:
        assert (
            f"Installing failed: {sentence}.".splitlines()
            == str(diagnosed("Installing", ["before", line])).splitlines()[:1]
        )

    def test_what_nobody_foresaw_is_shown(self) -> None:
        assert "Installing failed.\nIts last lines:\n  one\n  two" == str(
            diagnosed("Installing", ["one", "two"])
        )

    def test_passwords_in_addresses_are_not_shown(self) -> None:
        told = str(diagnosed("Fetching", ["ConnectionError: https://me:secret@host/simple"]))
        assert "https://***@host/simple" in told

    def test_a_python_without_ensurepip_is_told_what_to_install(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(setup, "bundled_pip", lambda: None)
        monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
        short = "python{}.{}".format(*sys.version_info)
        with pytest.raises(
            Trouble, match=f"ensurepip is missing\\.\nDebian, Ubuntu: sudo apt install {short}-venv"
        ):
            setup.make_venv(0)


class TestCacheFolder:
    @pytest.fixture(autouse=True)
    def nothing_named(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("KAFKA_KIT_CACHE", raising=False)
        monkeypatch.delenv("XDG_CACHE_HOME", raising=False)

    @pytest.mark.parametrize("xdg", [None, "/somewhere/cache", "", "relative/cache"])
    def test_it_is_where_platformdirs_has_it(self, monkeypatch: pytest.MonkeyPatch, xdg: str | None) -> None:
        if xdg is not None:
            monkeypatch.setenv("XDG_CACHE_HOME", xdg)
        expected = platformdirs.user_cache_path("kafka-producers-kit", appauthor=False)
        assert [expected] * 2 == [cache.cache_folder(), jars.cache_folder()]

    @pytest.mark.parametrize("named", ["/named", "~/named", "named"])
    def test_it_may_be_named(self, monkeypatch: pytest.MonkeyPatch, named: str) -> None:
        monkeypatch.setenv("KAFKA_KIT_CACHE", named)
        expected = Path(named).expanduser().absolute()
        assert [expected] * 2 == [cache.cache_folder(), jars.cache_folder()]


class TestLocks:
    """The locks that are committed."""

    @pytest.fixture(params=["requirements.lock", "requirements-dev.lock"])
    def lock(self, request: pytest.FixtureRequest) -> str:
        return (ROOT / str(request.param)).read_text()

    def test_a_lock_names_no_host_and_no_folder(self, lock: str) -> None:
        assert None is re.search(r"://|--index|--find-links|/work|/home", lock)

    def test_every_package_has_one_version_and_hashes(self, lock: str) -> None:
        pins = re.split(r"^(?=\S+==)", lock, flags=re.MULTILINE)[1:]
        assert all(re.search(r"--hash=sha256:[0-9a-f]{64}", pin) for pin in pins)
        names = [pin.partition("==")[0] for pin in pins]
        assert len(names) == len(set(names))

    def test_all_that_the_project_asks_for_is_locked(self) -> None:
        project = tomllib.loads((ROOT / "pyproject.toml").read_text())
        for file, wanted in (
            ("requirements.lock", project["project"]["dependencies"]),
            ("requirements-dev.lock", project["dependency-groups"]["dev"]),
        ):
            locked = set(re.findall(r"^(\S+?)==", (ROOT / file).read_text(), re.MULTILINE))
            names = {re.split(r"[\[=<>;]", line)[0] for line in wanted}
            assert set() == names - locked

    def test_both_locks_agree(self) -> None:
        runtime, dev = (
            dict(re.findall(r"^(\S+?)==(\S+)", (ROOT / file).read_text(), re.MULTILINE))
            for file in ("requirements.lock", "requirements-dev.lock")
        )
        assert {} == {name: version for name, version in dev.items() if runtime.get(name, version) != version}

    def test_wheels_of_other_pythons_are_kept_apart(self) -> None:
        assert sys.implementation.cache_tag is not None
        assert wheels.wheels_folder().name.startswith(sys.implementation.cache_tag)


class TestMakefile:
    @pytest.fixture
    def targets(self) -> list[str]:
        """Return the rules, each with the names that it serves."""
        return re.findall(r"^([a-z][a-z -]*):", (ROOT / "Makefile").read_text(), re.MULTILINE)

    def test_there_are_at_most_ten_rules_and_make_alone_lists_them(self, targets: list[str]) -> None:
        assert len(targets) <= 10
        said = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
        assert [] == [line for line in said.splitlines() if len(line) > 80]
        assert [f"make {target}" for target in targets] == [
            re.split(r" {2,}", line.strip())[0] for line in said.splitlines()
        ]

    def test_every_make_understands_it(self) -> None:
        text = (ROOT / "Makefile").read_text()
        assert [] == re.findall(
            r"\$\((?:shell|wildcard|if|call|foreach|patsubst) |^(?:ifeq|ifdef|\.if|!=)|:=|\?=", text
        )

    @pytest.mark.parametrize(("code", "status"), [("0", 0), ("1", 0), ("2", 2), ("3", 2)])
    def test_grading_fails_only_when_it_could_not_be_done(self, kit: Kit, code: str, status: int) -> None:
        done = kit.make("grade", "EX=01_hello_kafka", "ARGS=--seed 7", CODE=code)
        assert (status, "graded grade 01_hello_kafka --seed 7\n") == (done.returncode, done.stdout)

    def test_the_gate_is_handed_an_exercise_and_arguments(self, kit: Kit) -> None:
        done = kit.make("check-exercises", "EX=01_hello_kafka", "ARGS=--renew-stubs")
        assert (0, "graded check-exercises 01_hello_kafka --renew-stubs\n") == (done.returncode, done.stdout)

    def test_it_makes_the_environment_first(self, kit: Kit) -> None:
        shutil.rmtree(kit.root / ".venv")
        assert (0, True) == (kit.make("grade").returncode, kit.has("tiny"))

    def test_no_python_that_is_new_enough_is_said(self, kit: Kit) -> None:
        (kit.home / "old").write_text("#!/bin/sh\nexit 1\n")
        (kit.home / "old").chmod(0o755)
        done = kit.make("grade", f"PYTHON={kit.home}/old")
        assert (2, "") == (done.returncode, done.stdout)
        assert (
            f"No Python 3.11 or newer was found. Looked for: {kit.home}/old.\nInstall one (Debian"
            in done.stderr
        )

    def test_another_python_makes_it_anew(self, kit: Kit) -> None:
        other = shutil.which("python3", path="/usr/bin")
        if other is None or os.path.realpath(other) == os.path.realpath(sys.executable):
            pytest.skip("one Python is on this machine")
        done = kit.make("grade", f"PYTHON={other}")
        assert 0 == done.returncode, done.stderr
        assert os.path.realpath(other) == os.path.realpath(kit.root / ".venv" / "bin" / "python")
