"""`.venv/bin/python -m grader VERB`."""

import sys

OURS = {"grader", *sys.stdlib_module_names}
NOT_GRADED, INTERRUPTED = 3, 130

try:
    from grader.cli import main

    sys.exit(main())
except KeyboardInterrupt:
    sys.exit(INTERRUPTED)
except ImportError as error:
    package = (error.name or "grader").partition(".")[0]
    if package in OURS:
        raise
    print(
        f"{sys.executable} has no package {package}; .venv has, which make makes: "
        "say `make grade`, or `.venv/bin/python -m grader …`.",
        file=sys.stderr,
    )
    sys.exit(NOT_GRADED)
