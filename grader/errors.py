"""Errors of the kit itself, never of a student's program.

GraderError                 something of ours or of the machine's failed (exit code 3)
├── UsageError              the command was asked for something it cannot do (exit code 2)
├── ExerciseError           an exercise folder is malformed: its author mends it (exit code 2)
├── SetupError              Java, Kafka's jars or the environment cannot be had
├── BrokerError             a broker did not start, or was lost
├── ConditionsUnavailable   the broker in use cannot give a scenario's conditions: blocks what needs them
├── SandboxError            a program could not be run as stated
└── EvidenceError           what the broker stored or logged could not be read
"""


class GraderError(Exception):
    """Something of the kit's own, or of the machine's, failed: no student loses a point by it.

    Args:
        message: One sentence: what failed and where.
        cure: What mends it, as a command or an edit, where one is known.
        detail: The last lines of whatever failed, shown below the message.
    """

    exit_code = 3

    def __init__(self, message: str, *, cure: str = "", detail: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.cure = cure
        self.detail = detail

    def __str__(self) -> str:
        return "\n".join(part for part in (self.message, self.cure, self.detail) if part)


class UsageError(GraderError):
    """The command was asked for something it cannot do."""

    exit_code = 2


class ExerciseError(GraderError):
    """An exercise folder is malformed; the message names the file and the mend."""

    exit_code = 2


class SetupError(GraderError):
    """Java, Kafka's jars or the environment cannot be had."""


class BrokerError(GraderError):
    """A broker did not start, or was lost while it was needed."""


class ConditionsUnavailable(GraderError):
    """The broker in use cannot give the conditions of a scenario; what needs them is blocked."""


class SandboxError(GraderError):
    """A program could not be run as stated."""


class EvidenceError(GraderError):
    """What the broker stored or logged could not be read in full."""
