"""Make `.venv`, in which everything of the kit runs, from the locks; every target of make calls this.

    python -m environment [--dev]          make .venv; does nothing where it is what the locks say
    python -m environment --clean-cache    remove what set-up has fetched for this user

Only the standard library is used, for nothing else is there yet. A run may be killed at any moment: what
counts is the stamp, a copy of the installed lock, which is put into `.venv` last and taken away first.
Wheels are kept in the user's cache, so that another `.venv` needs no network.
"""

import importlib.util
import os
import sys
import sysconfig
import time
import zipfile
from collections.abc import Sequence
from pathlib import Path

try:
    from environment.cache import clean_cache, held, remove, write_whole
except ImportError:  # fcntl
    sys.exit("The kit does not run on Windows itself; it does in WSL2: wsl --install, then clone it there.")

from environment.step import run, say
from environment.trouble import WRONG_CONTENT, Trouble, diagnosed, require_space
from environment.wheels import PYTHON, ROOT, VENV, fetch, mark_of, pip, wheels

RUNTIME, DEV = "requirements.lock", "requirements-dev.lock"
COULD_NOT_EXIT, INTERRUPTED_EXIT = 3, 130
# The interpreter below any virtual environment, by its real path: its removal must show. It is looked up
# at once, for what runs this may be the `.venv` that is about to be removed.
BASE_PYTHON = os.path.realpath(getattr(sys, "_base_executable", sys.executable))


def ready(lock: str) -> bool:
    """Whether `.venv` holds all that this lock names, and this Python made it."""
    try:
        same = (VENV / lock).read_bytes() == (ROOT / lock).read_bytes()
    except OSError:
        return False
    return same and os.path.realpath(PYTHON) == BASE_PYTHON


def make_ready(locks: Sequence[str]) -> None:
    """Bring `.venv` to what the locks say, if it is not there already."""
    if all(ready(lock) for lock in locks):
        return
    with held(VENV / "lock", ".venv") as venv_lock:
        missing = [lock for lock in locks if not ready(lock)]
        if not missing:
            return
        # Tools are added to a .venv that is right; what is out of date is made anew, not mended.
        anew = RUNTIME in missing or (VENV / DEV).exists()
        for lock in (RUNTIME, DEV):
            (VENV / lock).unlink(missing_ok=True)
        if anew:
            make_venv(venv_lock)
        for lock in locks if anew else missing:
            install(lock, venv_lock)
        for lock in locks:
            write_whole(VENV / lock, (ROOT / lock).read_bytes())


def make_venv(lock: int) -> None:
    """Make a `.venv` that holds pip alone, in place of whatever is there."""
    version, pip_wheel = ".".join(map(str, sys.version_info[:3])), bundled_pip()
    if pip_wheel is None and importlib.util.find_spec("ensurepip") is None:
        short = "python{}.{}".format(*sys.version_info)
        raise Trouble(
            f"Python {version} ({BASE_PYTHON}) cannot make .venv: its module ensurepip is missing.",
            f"Debian, Ubuntu: sudo apt install {short}-venv. Or name another Python: make grade PYTHON=…",
        )
    require_space(VENV)
    for child in VENV.iterdir():
        if child.name != "lock":
            remove(child)
    say(f"Making .venv with Python {version} …")
    run("Making .venv", (BASE_PYTHON, "-I", "-m", "venv", "--without-pip", str(VENV)), locks=(lock,))
    if pip_wheel is None:
        run("Making .venv", (str(PYTHON), "-I", "-m", "ensurepip"), locks=(lock,))
    else:
        packages = sysconfig.get_path("purelib", "venv", {"base": str(VENV), "platbase": str(VENV)})
        zipfile.ZipFile(pip_wheel).extractall(packages)


def bundled_pip() -> Path | None:
    """The pip that comes with Python; unpacking it takes 0.5 s, where ensurepip takes 5 s."""
    places = [sysconfig.get_config_var("WHEEL_PKG_DIR")]
    spec = importlib.util.find_spec("ensurepip")
    if spec is not None and spec.origin is not None:
        places.append(Path(spec.origin).parent / "_bundled")
    return next((wheel for place in places if place for wheel in Path(place).glob("pip-*.whl")), None)


def install(lock: str, venv_lock: int) -> None:
    """Install the wheels of a lock into `.venv`."""
    kept, start_s = wheels(lock), time.monotonic()
    try:
        install_from(kept or fetch(lock, venv_lock), lock, venv_lock)
    except Trouble as trouble:
        if not kept or WRONG_CONTENT not in str(trouble):
            raise
        mark_of(lock).unlink()  # a kept wheel went bad: fetch it anew, once
        install_from(fetch(lock, venv_lock), lock, venv_lock)
    say(f"Installed {lock.removesuffix('.lock')} into .venv in {time.monotonic() - start_s:.0f} s.")


def install_from(folder: Path, lock: str, venv_lock: int) -> None:
    """Install kept wheels; no setting of the user's can lead pip elsewhere, and no network is used."""
    temporary = VENV / "tmp"
    temporary.mkdir(exist_ok=True)
    settings = {name: value for name, value in os.environ.items() if not name.startswith("PIP_")}
    settings |= {"PIP_CONFIG_FILE": os.devnull, "TMPDIR": str(temporary)}
    command = pip("install", "--no-index", "--find-links", str(folder), "-r", str(ROOT / lock))
    run("Installing packages", command, locks=(venv_lock,), variables=settings)
    remove(temporary)


def main(arguments: Sequence[str]) -> int:
    """Do what the command line asks; the exit code says whether it could be done."""
    try:
        if arguments == ["--clean-cache"]:
            clean_cache()
        elif list(arguments) in ([], ["--dev"]):
            make_ready((RUNTIME, DEV) if arguments else (RUNTIME,))
        else:
            say("usage: python -m environment [--dev | --clean-cache]")
            return 2
    except KeyboardInterrupt:
        say("Stopped. The next run goes on from here.")
        return INTERRUPTED_EXIT
    except Trouble as trouble:
        say(str(trouble))
        return COULD_NOT_EXIT
    except OSError as error:
        say(str(diagnosed("Set-up", [str(error)])))
        return COULD_NOT_EXIT
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
