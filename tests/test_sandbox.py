import contextlib
import os
import secrets
import signal
import stat
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from grader.errors import SandboxError
from grader.model import Exit, Run, Scenario, Submission
from grader.sandbox import Sandbox
from grader.sandbox.basic import BasicSandbox, _exit
from grader.sandbox.execution import OUTPUT_LIMIT_BYTES, Ending, Execution
from grader.sandbox.output import KEPT_BYTES, Excerpt
from grader.sandbox.scratch import MAX_COLLECTED_BYTES

LINUX = Path("/proc/self/environ").exists()
linux_only = pytest.mark.skipif(not LINUX, reason="only Linux shows a foreign process")


def submission(source: str | bytes = "", **files: bytes) -> Submission:
    program = source if isinstance(source, bytes) else source.encode()
    return Submission("01_any", {"producer.py": program, **files}, "0" * 64)


class Bench:
    """A sandbox, a folder for its scratch folders, and a mark by which its processes are found."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.token = secrets.token_hex(8)
        self.sandbox = BasicSandbox({"KAFKA_KIT_RUN": self.token})

    def run(self, given: str | Submission, *, limit_s: float = 10.0, **conditions: object) -> Run:
        scenario = Scenario(name="any", title="any", topics=(), wall_limit_s=limit_s, **conditions)  # type: ignore[arg-type]
        return self.sandbox.run(
            submission(given) if isinstance(given, str) else given,
            scenario,
            bootstrap_servers="127.0.0.1:1",
            scratch=self.folder / f"run-{threading.get_ident()}",
        )

    def run_on(self, source: str, **conditions: object) -> Run:
        """Run a program that prints something and never ends; a busy machine may take a while to print."""
        for limit_s in (0.4, 2, 10):
            run = self.run(source, limit_s=limit_s, **conditions)
            if run.stdout:
                break
        return run

    def left(self) -> set[int]:
        """The processes of the grading that still run."""
        mark = f"KAFKA_KIT_RUN={self.token}".encode()
        return {pid for pid, environment in environments() if mark in environment}


def environments() -> Iterator[tuple[int, bytes]]:
    for each in Path("/proc").glob("[0-9]*/environ"):
        with contextlib.suppress(OSError):
            yield int(each.parent.name), each.read_bytes()


def alive(pid: int) -> bool:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    return False


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    """Give a sandbox, and hold every test to it that neither process nor folder is left."""
    made = Bench(tmp_path / "root")
    yield made
    assert set() == made.left()
    assert [] == [*made.folder.glob("*")]


# What an honest program sees


def test_a_program_runs_to_its_end(bench: Bench) -> None:
    run = bench.run("print('hello')")
    assert Exit("exited", 0) == run.exit
    assert (b"hello\n", b"", 6, 0) == (run.stdout, run.stderr, run.stdout_bytes, run.stderr_bytes)
    assert ("basic", 10.0, {}) == (run.isolation, run.wall_limit_s, run.files)
    assert 0 < run.duration_s < 10


@pytest.mark.parametrize("code", [1, 2, 127, 255])
def test_an_exit_code_is_told(bench: Bench, code: int) -> None:
    assert Exit("exited", code) == bench.run(f"raise SystemExit({code})").exit


def test_it_runs_as_python_runs_a_file(bench: Bench) -> None:
    run = bench.run(
        "import os, sys\nprint(__name__, sys.argv, sys.path[0] == os.getcwd(), sys.flags.isolated, sep='|')",
        args=("acks", "", "two words", "ünï"),
    )
    assert "__main__|['producer.py', 'acks', '', 'two words', 'ünï']|True|0\n" == run.stdout.decode()


def test_a_traceback_is_the_programs_own_and_ends_in_its_file(bench: Bench) -> None:
    lines = bench.run("def f():\n    return 1 / 0\n\nf()").stderr.decode().splitlines()
    assert "Traceback (most recent call last):" == lines[0]
    assert lines[1].endswith('producer.py", line 4, in <module>')
    assert "ZeroDivisionError: division by zero" == lines[-1]
    assert not any("child.py" in line for line in lines)


def test_the_environment_is_exactly_this(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", os.getcwd())  # noqa: PTH109 - a string is wanted
    monkeypatch.setenv("SECRET", "of the grader")
    lines = bench.run("import os\nfor each in os.environ.items(): print(*each, sep='=')").stdout.decode()
    variables = dict(line.split("=", 1) for line in lines.splitlines())
    scratch = Path(variables["HOME"]).parent
    assert bench.folder == scratch.parent
    assert scratch == Path(variables["TMPDIR"]).parent
    assert len(variables["KAFKA_KIT_PROGRAM"]) == 16
    assert {
        "KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1",
        "KAFKA_KIT_RUN": bench.token,
        "LANG": "C.UTF-8",
        "LC_ALL": "C.UTF-8",
        "PATH": variables["PATH"],
        "PYTHONFAULTHANDLER": "1",
        "PYTHONUNBUFFERED": "1",
        "PYTHONUTF8": "1",
    } == {name: variables[name] for name in variables.keys() - {"HOME", "TMPDIR", "KAFKA_KIT_PROGRAM"}}


def test_python_by_name_is_the_kits_own(bench: Bench) -> None:
    source = "import shutil, sys\nprint(shutil.which('python') == sys.executable, sys.prefix)"
    assert f"True {sys.prefix}\n".encode() == bench.run(source).stdout


def test_no_descriptor_but_the_three_is_open(bench: Bench) -> None:
    source = """
        import os
        for number in range(1024):
            try:
                os.fstat(number)
            except OSError:
                continue
            print(number)
    """
    leak = os.open("/", os.O_RDONLY)
    os.set_inheritable(leak, True)  # as a careless make leaves its job server
    try:
        assert b"0\n1\n2\n" == bench.run(f"if True:{source}").stdout
    finally:
        os.close(leak)


def test_standard_input_is_empty(bench: Bench) -> None:
    assert b"''\n" == bench.run("import sys\nprint(repr(sys.stdin.read()))").stdout
    run = bench.run("input()")
    assert Exit("exited", 1) == run.exit
    assert run.stderr.endswith(b"EOFError: EOF when reading a line\n")


def test_there_is_no_terminal_and_the_session_is_its_own(bench: Bench) -> None:
    source = "import os\nprint(os.getsid(0) == os.getpgrp() == os.getpid())\nopen('/dev/tty')"
    run = bench.run(source)
    assert b"True\n" == run.stdout
    assert b"OSError" in run.stderr


def test_the_locale_is_utf_8_and_hashes_are_not_fixed(bench: Bench) -> None:
    source = "import sys\nprint('żółć ☃', open('x', 'w').encoding.lower(), sys.flags.hash_randomization)"
    assert "żółć ☃ utf-8 1\n" == bench.run(source).stdout.decode()


def test_the_grader_cannot_be_imported(bench: Bench) -> None:
    assert bench.run("import grader").stderr.endswith(b"ModuleNotFoundError: No module named 'grader'\n")


def test_a_file_beside_the_program_hides_a_library_as_python_has_it(bench: Bench) -> None:
    files = {"kafka.py": b"", "sitecustomize.py": b"print('never loaded')"}
    run = bench.run(submission("import kafka\nprint(kafka.__file__)", **files))
    assert run.stdout.endswith(b"/work/kafka.py\n")
    assert run.stdout.count(b"\n") == 1


def test_what_stands_beside_it_is_the_submission_with_the_scenarios_files_on_top(bench: Bench) -> None:
    source = "import os\nprint(sorted(os.listdir()), open('data.jsonl').read(), open('bücher.py').read())"
    given = submission(source, **{"data.jsonl": b"theirs", "bücher.py": b"x"})
    run = bench.run(given, files={"data.jsonl": b"ours"})
    assert "['bücher.py', 'data.jsonl', 'producer.py'] ours x\n" == run.stdout.decode()


def test_an_experiments_own_program_has_nothing_of_the_submission(bench: Bench) -> None:
    run = bench.run(
        submission("print('theirs')", **{"kafka.py": b""}),
        program=b"import os; print(sorted(os.listdir()))",
        files={"data": b""},
    )
    assert b"['data', 'producer.py']\n" == run.stdout


@pytest.mark.parametrize("name", ["../up", "a/b", "", "..", "/absolute"])
def test_a_name_that_is_not_plain_is_refused(bench: Bench, name: str) -> None:
    with pytest.raises(SandboxError, match="not a plain file name"):
        bench.run("", files={name: b""})
    with pytest.raises(SandboxError, match="not a plain file name"):
        bench.run("", collect=(name,))


def test_two_hundred_threads_fit(bench: Bench) -> None:
    source = (
        "import threading\n"
        "all = [threading.Thread(target=threading.Event().wait, args=(0.05,)) for _ in range(200)]\n"
        "for each in all: each.start()\n"
    )
    assert Exit("exited", 0) == bench.run(source).exit


# Output


def test_bytes_that_are_no_text_are_kept(bench: Bench) -> None:
    run = bench.run(
        r"import sys; sys.stdout.buffer.write(b'\xff\x00\xfe\r\n'); sys.stderr.buffer.write(b'\x80\x00')"
    )
    assert (b"\xff\x00\xfe\r\n", b"\x80\x00") == (run.stdout, run.stderr)


def test_both_pipes_may_be_full(bench: Bench) -> None:
    source = "import os\nfor _ in range(40): os.write(1, b'o' * 50_000); os.write(2, b'e' * 50_000)"
    run = bench.run(source)
    assert Exit("exited", 0) == run.exit
    assert (2_000_000, 2_000_000) == (run.stdout_bytes, run.stderr_bytes)


@pytest.mark.parametrize("number", [1, 2])
def test_output_without_end_ends_the_run(bench: Bench, number: int) -> None:
    run = bench.run(f"import os\nwhile True: os.write({number}, b'no newline ' * 5_000)")
    kept, count = ((run.stdout, run.stdout_bytes), (run.stderr, run.stderr_bytes))[number - 1]
    assert Exit("output_limit") == run.exit
    assert OUTPUT_LIMIT_BYTES < count < 2 * OUTPUT_LIMIT_BYTES
    assert 2 * KEPT_BYTES < len(kept) < 2 * KEPT_BYTES + 100


def test_too_much_output_is_the_same_however_fast_it_ends(bench: Bench) -> None:
    assert Exit("output_limit") == bench.run(f"import os\nos.write(1, b'x' * {OUTPUT_LIMIT_BYTES + 1})").exit


def test_the_first_and_the_last_bytes_are_kept_with_a_line_between() -> None:
    whole = b"".join(b"%d\n" % number for number in range(50_000))
    excerpt = Excerpt()
    for start in range(0, len(whole), 4_999):
        excerpt.add(whole[start : start + 4_999])
    left_out = len(whole) - 2 * KEPT_BYTES
    between = f"\n[… {left_out:,} bytes left out …]\n".encode()
    assert whole[:KEPT_BYTES] + between + whole[-KEPT_BYTES:] == excerpt.text()
    assert len(whole) == excerpt.total


@pytest.mark.parametrize("size", [0, 1, KEPT_BYTES, KEPT_BYTES + 1, 2 * KEPT_BYTES])
def test_what_fits_is_kept_whole(size: int) -> None:
    whole = os.urandom(size)
    excerpt = Excerpt()
    excerpt.add(whole)
    assert whole == excerpt.text()


@pytest.mark.parametrize("last", ["os._exit(3)", "os.kill(os.getpid(), 9)", "while True: pass"])
def test_a_printed_line_is_not_lost_however_the_program_ends(bench: Bench, last: str) -> None:
    run = bench.run_on(f"import os, sys\nprint('failed', file=sys.stderr)\nprint('sent')\n{last}")
    assert (b"sent\n", b"failed") == (run.stdout, run.stderr[:6])


def test_a_program_that_closes_its_output_is_waited_for(bench: Bench) -> None:
    source = "import os, time\nos.close(1)\nos.close(2)\ntime.sleep(0.2)\nos._exit(5)"
    assert Exit("exited", 5) == bench.run(source).exit


# How it ends


@pytest.mark.parametrize("name", ["SIGTERM", "SIGKILL", "SIGSEGV"])
def test_a_signal_is_named(bench: Bench, name: str) -> None:
    source = f"import os, signal\nos.kill(os.getpid(), signal.{name})\nsignal.pause()"
    assert Exit("signalled", signal=name) == bench.run(source).exit


@linux_only
def test_a_signal_without_a_name_has_its_number(bench: Bench) -> None:
    assert Exit("signalled", signal="signal 40") == bench.run("import os; os.kill(os.getpid(), 40)").exit


def test_a_crash_leaves_the_students_line(bench: Bench) -> None:
    run = bench.run("import ctypes\n\nctypes.string_at(0)")
    assert Exit("signalled", signal="SIGSEGV") == run.exit
    assert b'producer.py", line 3 in <module>' in run.stderr


def test_a_loop_without_end_is_ended_and_its_line_shown(bench: Bench) -> None:
    run = bench.run_on("def poll():\n    while True:\n        pass\n\nprint()\npoll()")
    assert Exit("timed_out") == run.exit
    assert run.wall_limit_s <= run.duration_s < run.wall_limit_s + 1
    assert b'line 3 in poll\n  File "' in run.stderr or b'line 2 in poll\n  File "' in run.stderr


@pytest.mark.parametrize(
    "source",
    [
        "import signal, time\nfor n in (2, 6, 15): signal.signal(n, signal.SIG_IGN)\nprint()\ntime.sleep(60)",
        "import os, signal\nprint()\nos.kill(os.getpid(), signal.SIGSTOP)",
        "import time\ntry:\n    print()\n    time.sleep(60)\nfinally:\n    time.sleep(60)",
    ],
    ids=["ignores signals", "stopped", "holds on"],
)
def test_no_program_outlives_the_wall_limit(bench: Bench, source: str) -> None:
    begun = time.monotonic()
    assert Exit("timed_out") == bench.run_on(source).exit
    assert time.monotonic() - begun < 20


def test_memory_that_cannot_be_had_is_told(bench: Bench) -> None:
    assert Exit("out_of_memory", code=1) == bench.run("everything = bytearray(8 << 30)").exit


def test_talk_of_memory_is_not_out_of_memory(bench: Bench) -> None:
    talk = "import sys\nprint('MemoryError', file=sys.stderr)\nraise SystemExit(1)"
    assert Exit("exited", 1) == bench.run(talk).exit
    assert Exit("exited", 0) == bench.run("try:\n    bytearray(8 << 30)\nexcept MemoryError: pass").exit


def test_a_kill_is_the_kernels_only_where_the_kernel_says_so() -> None:
    ending = Ending("ended", -signal.SIGKILL, Excerpt(), Excerpt(), 1.0)
    assert Exit("signalled", signal="SIGKILL") == _exit(ending, kernel_killed=False)
    assert Exit("out_of_memory", signal="SIGKILL") == _exit(ending, kernel_killed=True)


def test_files_and_descriptors_are_limited_and_no_core_is_written(bench: Bench) -> None:
    source = """if True:
        import errno, resource
        print(resource.getrlimit(resource.RLIMIT_CORE), resource.getrlimit(resource.RLIMIT_NOFILE))
        with open("sparse", "wb", buffering=0) as file:
            file.seek(300 << 20)
            try:
                file.write(b"x")
            except OSError as error:
                print(errno.errorcode[error.errno])
    """
    assert b"(0, 0) (1024, 1024)\nEFBIG\n" == bench.run(source).stdout


@linux_only
def test_the_kernel_takes_the_program_first_where_memory_runs_out(bench: Bench) -> None:
    assert b"1000\n" == bench.run("print(open('/proc/self/oom_score_adj').read(), end='')").stdout


@pytest.mark.parametrize("command", [("/nowhere/python", "x"), ("/dev/null", "x")])
def test_what_cannot_be_begun_is_the_sandboxs_fault(tmp_path: Path, command: tuple[str, str]) -> None:
    program = Execution(command, folder=tmp_path, environment={})
    with program as execution, pytest.raises(SandboxError, match="could not be started") as failure:
        execution.wait(5.0)
    assert "Error: " in failure.value.detail
    assert command[0] not in failure.value.message


def test_a_wrap_that_fails_is_the_sandboxs_fault_too(tmp_path: Path) -> None:
    wrap = ("/bin/sh", "-c", "echo no namespaces >&2; exit 1")
    with (
        Execution(("x",), folder=tmp_path, environment={}, wrap=wrap) as execution,
        pytest.raises(SandboxError) as failure,
    ):
        execution.wait(5.0)
    assert "no namespaces" == failure.value.detail


def test_a_program_runs_under_a_wrap(tmp_path: Path) -> None:
    wrap = ("/usr/bin/env", "WRAPPED=1")
    command = ("/bin/sh", "-c", "echo $WRAPPED")
    with Execution(command, folder=tmp_path, environment={}, wrap=wrap) as execution:
        assert b"1\n" == execution.wait(5.0).stdout.text()


def test_a_machine_without_room_is_the_sandboxs_fault(tmp_path: Path) -> None:
    program = Execution(("x",), folder=tmp_path / "absent", environment={})
    with pytest.raises(SandboxError, match="could not be started"), program:
        pass


# What it leaves


def test_children_that_hold_the_output_are_ended_and_not_waited_for(bench: Bench) -> None:
    source = (
        "import os, time\n"
        "children = [pid for _ in range(20) if (pid := os.fork()) or time.sleep(60)]\n"
        "print(*children)"
    )
    run = bench.run(source)
    assert Exit("exited", 0) == run.exit
    assert run.duration_s < 5
    children = [int(pid) for pid in run.stdout.split()]
    assert 20 == len(children)
    assert [] == [pid for pid in children if alive(pid)]


DAEMON = """if True:
    import os, sys, time
    read, write = os.pipe()
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            os.write(write, b"%d" % os.getpid())
            time.sleep(60)
        os._exit(0)
    print(os.read(read, 20).decode())
    {last}
"""


@linux_only
@pytest.mark.parametrize("last", ["", "sys.stdout.flush(); time.sleep(60)"], ids=["at its end", "timed out"])
def test_a_daemon_is_found_by_its_mark(bench: Bench, last: str) -> None:
    run = bench.run_on(DAEMON.format(last=last))
    assert not alive(int(run.stdout))


@linux_only
def test_a_child_without_mark_is_found_by_its_session(bench: Bench) -> None:
    source = """if True:
        import os, subprocess
        child = subprocess.Popen(["sleep", "60"], env={}, process_group=0)
        print(child.pid)
    """
    assert not alive(int(bench.run(source).stdout))


@linux_only
def test_a_child_without_mark_is_found_by_its_parent(bench: Bench) -> None:
    source = """if True:
        import os, subprocess
        child = subprocess.Popen(["sleep", "60"], env={}, start_new_session=True)
        print(child.pid)
        child.wait()
    """
    pid = int(bench.run_on(source).stdout)
    try:
        assert not alive(pid)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def test_folders_of_any_kind_are_removed(bench: Bench) -> None:
    source = """if True:
        import os, socket
        for number in range(500):
            open(f"file-{number}", "w").close()
        os.mkfifo("fifo")
        os.symlink("/", "link")
        os.symlink("nowhere", "broken")
        socket.socket(socket.AF_UNIX).bind("socket")
        os.makedirs("shut/inner")
        open("shut/inner/file", "w").close()
        os.chmod("shut/inner", 0)
        os.chmod("shut", 0)
        for _ in range(250):
            os.mkdir("deeper than any path")
            os.chdir("deeper than any path")
    """
    assert Exit("exited", 0) == bench.run(source).exit


def test_a_program_may_remove_its_own_folder(bench: Bench) -> None:
    run = bench.run("import os, shutil; shutil.rmtree(os.getcwd())", collect=("out",))
    assert (Exit("exited", 0), {}) == (run.exit, run.files)


# What is collected


def collected(bench: Bench, source: str, *names: str) -> Mapping[str, bytes]:
    return bench.run(f"import os\n{source}", collect=names).files


def test_files_are_collected_as_the_program_left_them(bench: Bench) -> None:
    source = "open('ACKED.txt', 'wb').write(b'1\\r\\n\\xff'); open('größe', 'w').close()"
    expected = {"ACKED.txt": b"1\r\n\xff", "größe": b""}
    assert expected == collected(bench, source, "ACKED.txt", "größe", "absent", "nul\0name")


def test_a_file_is_collected_from_a_program_that_was_ended(bench: Bench) -> None:
    run = bench.run_on("open('out', 'w').write('kept')\nprint()\nwhile True: pass", collect=("out",))
    assert (Exit("timed_out"), {"out": b"kept"}) == (run.exit, run.files)


@pytest.mark.parametrize(
    "source",
    [
        "os.symlink('{secret}', 'out')",
        "os.symlink('producer.py', 'out')",
        "os.link('{secret}', 'out')",
        "os.mkfifo('out')",
        "os.mkdir('out')",
        "import socket; socket.socket(socket.AF_UNIX).bind('out')",
        "here = os.getcwd(); os.rename(here, here + '-moved'); os.symlink('{folder}', here)",
    ],
)
def test_only_regular_files_of_the_program_are_collected(bench: Bench, tmp_path: Path, source: str) -> None:
    secret = tmp_path / "out"
    secret.write_text("not for the program")
    assert {} == collected(bench, source.format(secret=secret, folder=tmp_path), "out")
    assert "not for the program" == secret.read_text()


def test_a_file_without_end_is_collected_in_part(bench: Bench) -> None:
    files = collected(bench, "open('out', 'wb').truncate(200 << 20)", "out")
    assert MAX_COLLECTED_BYTES == len(files["out"])


# Several at once, and the end of the grading


def test_runs_side_by_side_keep_to_themselves(bench: Bench) -> None:
    source = "import os, sys, time\ntime.sleep(0.2)\nprint(sys.argv[1])\nos._exit(int(sys.argv[1]))"
    with ThreadPoolExecutor(6) as pool:
        runs = [*pool.map(lambda number: bench.run(source, args=(str(number),)), range(6))]
    assert list(range(6)) == [run.exit.code for run in runs]
    assert [b"%d\n" % number for number in range(6)] == [run.stdout for run in runs]


def await_running(bench: Bench, count: int) -> None:
    deadline = time.monotonic() + 10
    while len(bench.left()) < count and time.monotonic() < deadline:
        time.sleep(0.005)


@linux_only
def test_cancel_ends_every_run_at_once_and_refuses_more(bench: Bench) -> None:
    with ThreadPoolExecutor(3) as pool:
        runs = [pool.submit(bench.run, "import time; time.sleep(60)", limit_s=60) for _ in range(3)]
        await_running(bench, 3)
        begun = time.monotonic()
        bench.sandbox.cancel()
        for run in runs:
            with pytest.raises(SandboxError, match="cut short"):
                run.result()
        assert time.monotonic() - begun < 1
    with pytest.raises(SandboxError, match="cut short"):
        bench.run("print()")


@linux_only
# Where the interrupt comes before Popen's constructor is over, Python itself says that nobody waited for it.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_ctrl_c_ends_the_run_and_goes_on(bench: Bench) -> None:
    def interrupt() -> None:
        await_running(bench, 1)
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)

    thread = threading.Thread(target=interrupt)
    thread.start()
    with pytest.raises(KeyboardInterrupt):
        bench.run("import time; time.sleep(60)", limit_s=60)
    thread.join()


def test_who_watches_groups_is_told_of_each(bench: Bench) -> None:
    told: list[tuple[str, int]] = []

    class Watcher:
        def watch_group(self, group: int) -> None:
            told.append(("watch", group))

        def forget_group(self, group: int) -> None:
            told.append(("forget", group))

    bench.sandbox = BasicSandbox({}, groups=Watcher())
    group = int(bench.run("import os; print(os.getpgrp())").stdout)
    assert [("watch", group), ("forget", group)] == told


def test_descriptors_and_threads_are_given_back(bench: Bench) -> None:
    def held() -> tuple[int, int]:
        return len(os.listdir("/dev/fd")), threading.active_count()

    bench.run("")
    before = held()
    bench.run("")
    bench.run("while True: pass", limit_s=0.1)
    assert before == held()


def test_the_scratch_folder_is_its_owners_alone(bench: Bench) -> None:
    mode = int(bench.run("import os; print(os.stat('..').st_mode)").stdout)
    assert 0o700 == stat.S_IMODE(mode)


def test_a_full_or_forbidden_disk_is_no_fault_of_the_programs(bench: Bench, tmp_path: Path) -> None:
    bench.folder = tmp_path / "file"
    bench.folder.write_text("")
    with pytest.raises(SandboxError, match="scratch folder could not be made") as failure:
        bench.run("")
    assert failure.value.cure


def test_the_basic_tier_fits_the_port() -> None:
    tier: Callable[[Sandbox], str] = lambda sandbox: sandbox.tier  # noqa: E731 - what mypy checks
    assert "basic" == tier(BasicSandbox({}))
