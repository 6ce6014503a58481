"""A Docker engine for the tests: the one that answers, else one made for them and taken away again.

    python -m tests.docker.engine COMMAND …

COMMAND is run with `DOCKER_HOST` set to an engine that has an image for Kafka. Where none answers and this is
root on a Debian, the engine is Debian's own, in a folder of its own and without a rule in the firewall, and
the image is a stand-in (`image/`): a minimal Debian, the Java and the jars of the kit, and the class from the
core jar that turns KAFKA_* variables into settings. Otherwise the reason is printed and COMMAND runs without
an engine, so that the tests skip; where `CI` is set, root that cannot start one is a failure.
"""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import docker
from docker.errors import DockerException

from grader.broker.jars import KAFKA_VERSION, cache_folder, jars
from grader.broker.java import java

IMAGE_FOLDER = Path(__file__).parent / "image"
IMAGE = f"apache/kafka:{KAFKA_VERSION}"
DEBIAN = "kafka-kit/debian"
# Stands in for the Python image on which the grader's own is built, with the packages in the user's cache.
PYTHON = "kafka-kit/python"
PYTHON_DOCKERFILE = f"FROM {DEBIAN}\nRUN ln -s python3 /usr/bin/python\nCOPY . /opt/kafka-producers-kit/\n"
PACKAGES = {"dockerd": "docker.io", "debootstrap": "debootstrap", "docker-compose": "docker-compose"}
# The grader's image needs a Python that can make environments; the rest of Debian stays away.
INCLUDED = "python3,python3-venv"
PREFIX = "kafka-kit-docker-"
START_LIMIT_S = 60.0
STOP_LIMIT_S = 60.0


def main(command: Sequence[str]) -> int:
    """Run a command with an engine; return its exit code."""
    if answers():
        say("an engine answers already: the tests use it")
        return subprocess.run(command, check=False).returncode
    if (reason := obstacle()) is not None:
        say(f"no engine: {reason}")
        return subprocess.run(command, check=False).returncode
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    with engine() as address:
        return subprocess.run(command, check=False, env={**os.environ, "DOCKER_HOST": address}).returncode


def answers() -> bool:
    """Whether an engine answers where the environment points."""
    try:
        with contextlib.closing(docker.from_env()) as client:
            return bool(client.ping())
    except DockerException:
        return False


def obstacle() -> str | None:
    """Why an engine cannot be started here; None when it can."""
    if sys.platform != "linux":
        return "one is started on Linux only"
    if os.geteuid() != 0:
        return "starting one needs root"
    if shutil.which("apt-get") is None:
        return "it is installed by apt-get, which is not here"
    return None


@contextlib.contextmanager
def engine() -> Iterator[str]:
    """Start an engine that has the stand-in image; end it and remove what it made."""
    timed("packages", install)
    clear_after_killed()
    folder = Path(tempfile.mkdtemp(prefix=PREFIX))
    bridges = bridge_names() - {"docker0"}
    process: subprocess.Popen[bytes] | None = None
    try:
        process = started(folder)
        address = f"unix://{folder}/docker.sock"
        timed("engine", lambda: await_answer(process, address, folder))
        timed("image", lambda: make_images(address, folder))
        yield address
    finally:
        if process is not None:
            end(process)
        clear(folder, bridge_names() - bridges)


def install() -> None:
    """Install what is missing of Debian's packages."""
    missing = [package for program, package in PACKAGES.items() if shutil.which(program) is None]
    if not missing:
        return
    for command in (["update"], ["install", "-y", "--no-install-recommends", *missing]):
        subprocess.run(
            ["apt-get", *command],
            check=True,
            stdout=subprocess.DEVNULL,
            env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
        )


def started(folder: Path) -> subprocess.Popen[bytes]:
    """Start the engine; it ends with this process, even when that is killed."""
    with (folder / "log").open("wb") as log:
        return subprocess.Popen(
            [
                *("setpriv", "--pdeathsig", "TERM", "dockerd", "--host", f"unix://{folder}/docker.sock"),
                *(
                    "--data-root",
                    f"{folder}/data",
                    "--exec-root",
                    f"{folder}/exec",
                    "--pidfile",
                    f"{folder}/pid",
                ),
                # A proxy process passes on published ports; without rules nothing stays in the firewall.
                *("--iptables=false", "--ip6tables=false", "--ip-forward=false"),
            ],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def await_answer(process: subprocess.Popen[bytes], address: str, folder: Path) -> None:
    """Wait until the engine answers."""
    deadline = time.monotonic() + START_LIMIT_S
    while True:
        with contextlib.suppress(DockerException), contextlib.closing(docker.DockerClient(address)) as client:
            client.ping()
            return
        if process.poll() is not None or time.monotonic() > deadline:
            lines = (folder / "log").read_text(errors="replace").splitlines()
            raise SystemExit("\n".join(["The engine did not start:", *lines[-12:]]))
        time.sleep(0.05)


def make_images(address: str, folder: Path) -> None:
    """Make the minimal Debian and, upon it, the stand-ins for Kafka's image and for Python's."""
    with contextlib.closing(docker.DockerClient(address)) as client:
        repository, _, tag = DEBIAN.partition(":")
        client.api.import_image_from_file(str(debian(folder)), repository=repository, tag=tag or "latest")
        context = folder / "context"
        shutil.copytree(IMAGE_FOLDER, context)
        shutil.copytree(java().path.parent.parent, context / "java", symlinks=True)
        (context / "libs").mkdir()
        for jar in jars():
            shutil.copy2(jar, context / "libs")
        client.images.build(path=str(context), tag=IMAGE, rm=True, forcerm=True)
        shutil.rmtree(context)
        for name in ("jars", "wheels"):
            (cache_folder() / name).mkdir(parents=True, exist_ok=True)
            shutil.copytree(cache_folder() / name, context / name)
        (context / "Dockerfile").write_text(PYTHON_DOCKERFILE)
        client.images.build(path=str(context), tag=PYTHON, rm=True, forcerm=True)
        shutil.rmtree(context)


def debian(folder: Path) -> Path:
    """Return an archive of a minimal Debian, made once and kept in the user's cache."""
    suite = release_codename()
    kept = cache_folder() / "tests" / f"{suite}-{INCLUDED}.tar"
    if kept.exists():
        return kept
    root = folder / "debian"
    subprocess.run(
        ["debootstrap", "--variant=minbase", f"--include={INCLUDED}", suite, root],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    kept.parent.mkdir(parents=True, exist_ok=True)
    part = folder / "debian.tar"
    with tarfile.open(part, "w") as archive:
        archive.add(root, arcname=".", filter=without_caches)
    shutil.rmtree(root)
    shutil.move(part, kept)
    return kept


def without_caches(member: tarfile.TarInfo) -> tarfile.TarInfo | None:
    """Leave out what a container never reads."""
    away = (
        "./var/cache/apt",
        "./var/lib/apt/lists",
        "./usr/share/doc",
        "./usr/share/locale",
        "./usr/share/man",
    )
    return None if member.name.startswith(away) or member.isdev() else member


def release_codename() -> str:
    """This machine's own Debian release, whose mirror is the one that it reaches."""
    lines = Path("/etc/os-release").read_text(encoding="utf-8").splitlines()
    return next(line.partition("=")[2].strip('"') for line in lines if line.startswith("VERSION_CODENAME="))


def end(process: subprocess.Popen[bytes]) -> None:
    """End the engine and wait for it."""
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(STOP_LIMIT_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def bridge_names() -> set[str]:
    """Names of the network bridges of this machine."""
    listed = subprocess.run(
        ["ip", "-json", "link", "show", "type", "bridge"], capture_output=True, check=True, text=True
    )
    return {each["ifname"] for each in json.loads(listed.stdout or "[]") if each}


def clear(folder: Path, bridges: set[str]) -> None:
    """Remove mounts, files, bridges and control groups that the engine left."""
    mounts = [line.split()[1] for line in Path("/proc/self/mounts").read_text().splitlines()]
    for mount in sorted((each for each in mounts if each.startswith(f"{folder}/")), reverse=True):
        subprocess.run(["umount", mount], check=False)
    shutil.rmtree(folder, ignore_errors=True)
    for bridge in bridges:
        subprocess.run(["ip", "link", "delete", bridge], check=False)
    for group in [*Path("/sys/fs/cgroup").glob("*/docker"), Path("/sys/fs/cgroup/docker")]:
        with contextlib.suppress(OSError):
            group.rmdir()


def clear_after_killed() -> None:
    """Remove what an engine left whose run was killed; it ended with that run."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        pid = folder / "pid"
        if pid.exists():
            ended = not Path("/proc", pid.read_text().strip()).exists()
        else:
            ended = time.time() - folder.stat().st_mtime > START_LIMIT_S
        if ended:
            clear(folder, set())


def timed(what: str, step: Callable[[], None]) -> None:
    """Run a step and say how long it took."""
    begin = time.monotonic()
    step()
    say(f"{what}: {time.monotonic() - begin:.1f} s")


def say(text: str) -> None:
    """Print a line of progress."""
    print(f"tests.docker: {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
