"""The one file that runs inside the student's process: it sets limits, then becomes the program.

    python -I -S child.py PARENT REPORT INTERPRETER producer.py ARGS…

PARENT is the process whose death ends this one, 0 where something else sees to that. REPORT is a
descriptor on which `begun` is written, and what goes wrong before or instead; it closes at the moment
of becoming the program, so that nothing the program does can be taken for a failure of the sandbox.
"""

import os
import resource
import sys

# From <linux/prctl.h>; the signal comes when the thread that started this process ends.
PR_SET_PDEATHSIG = 1
SIGKILL = 9

LIMITS = {
    resource.RLIMIT_CORE: 0,
    resource.RLIMIT_NOFILE: 1024,
    resource.RLIMIT_FSIZE: 256 << 20,
    # Address space, not memory: librdkafka with 200 threads fits, a list without end does not.
    resource.RLIMIT_AS: 4 << 30,
}
# Where memory runs out, the kernel ends the program and not the broker.
FIRST_TO_GO = "1000"


def main(parent: int, report: int, command: list[str]) -> None:
    """Become `command`, or say on `report` why not."""
    os.set_inheritable(report, False)
    try:
        if sys.platform == "linux":
            volunteer()
            die_with(parent)
        limit()
        os.write(report, b"begun")
        os.execv(command[0], command)  # noqa: S606 - that is what it is for
    except Exception as error:  # noqa: BLE001 - whatever it is, it is the sandbox's and not the program's
        os.write(report, f"{type(error).__name__}: {error}".encode(errors="replace"))
    os._exit(127)


def die_with(parent: int) -> None:
    """Ask the kernel to end this process when its parent ends."""
    if parent == 0:
        return
    import ctypes

    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        raise ProcessLookupError("the grader ended meanwhile")


def volunteer() -> None:
    """Put this process first in line where memory runs out."""
    try:
        with open("/proc/self/oom_score_adj", "w", encoding="ascii") as file:  # noqa: PTH123 - pathlib costs 5 ms
            file.write(FIRST_TO_GO)
    except OSError:
        pass  # some containers forbid it; it is a courtesy


def limit() -> None:
    """Lower the limits that this platform knows; one that is lower already stays."""
    for kind, most in LIMITS.items():
        hard = resource.getrlimit(kind)[1]
        least = most if hard == resource.RLIM_INFINITY else min(most, hard)
        try:
            resource.setrlimit(kind, (least, least))
        except (OSError, ValueError):
            continue  # macOS knows RLIMIT_AS and refuses to set it


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:])
