"""`python -m grader VERB`."""

import sys

try:
    from grader.cli import main

    sys.exit(main())
except KeyboardInterrupt:
    sys.exit(130)
