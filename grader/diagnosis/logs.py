"""A client's log, told apart from what the program itself prints to the same stream.

Python writes a line to stderr in two pieces, its text and its end, and a client logs from a thread of its
own. So a record of the log may stand in the middle of a line, or of a traceback.
"""

import re

LOGGERS = r"(?:aio)?kafka\.(?:admin|client|cluster|conn|consumer|coordinator|net|producer|protocol|sasl)\b"
LEVELS = r"(?:DEBUG|INFO|WARNING|ERROR|CRITICAL)"
# librdkafka's own form, and that of Python's `logging` unless another is asked for, known by how they begin.
RECORD = re.compile(
    rf"(?:%[0-7]\|\d+\.\d+\|[^\n]*rdkafka#|{LEVELS}:(?:aiokafka|{LOGGERS})[\w.]*:)[^\n]*(?:\n|\Z)"
)
# How a line in any form is known: by its logger, or by words that only the client uses.
LINE = re.compile(
    rf"rdkafka#|\b{LOGGERS}"
    r'|^(?:ERROR:aiokafka:)?Unable connect to "'
    r"|^Unclosed AIOKafkaProducer"
    r"|^Topic \S+ not found in cluster metadata$"
)


def without_records(text: str) -> str:
    """Return what was printed without the client's log records, and the lines whole that one fell into."""
    return RECORD.sub("", text)


def own_lines(text: str) -> list[str]:
    """Return what the program itself printed: its lines without those of a client's log, in any form."""
    return [line for line in without_records(text).splitlines() if line.strip() and not LINE.search(line)]
