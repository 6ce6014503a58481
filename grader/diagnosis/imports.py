"""Imports that fail: names that are gone, packages that are not there, own files that hide a library."""

import difflib
import re
import sys

from grader.diagnosis.case import Case, at, cause
from grader.diagnosis.source import PROGRAM
from grader.model import Feedback

LIBRARIES = frozenset({"kafka", "confluent_kafka", "aiokafka"})
PACKAGE = {"kafka": "kafka-python", "confluent_kafka": "confluent-kafka", "aiokafka": "aiokafka"}
NO_NAME = re.compile(
    r"cannot import name '(?P<name>\w+)' from (?:partially initialized module )?'(?P<module>[\w.]+)'"
)
NO_MODULE = re.compile(r"No module named '(?P<module>[\w.]+)'")
# Names that programs for kafka-python 1.x and 2.x import; what stands in their place since 3.0.
GONE = {
    "NoBrokersAvailable": (
        "Catch `KafkaTimeoutError` from `kafka.errors` in its place: that is what a producer raises when it "
        "cannot reach a broker."
    ),
    "KafkaUnavailableError": "Catch `KafkaError` from `kafka.errors` in its place.",
    "SimpleProducer": "Use `KafkaProducer`.",
    "KafkaClient": "Use `KafkaProducer`; it makes its own connections.",
}
NAMES = {
    "kafka": (
        "KafkaProducer",
        "KafkaConsumer",
        "KafkaAdminClient",
        "TopicPartition",
        "OffsetAndMetadata",
    ),
    "kafka.errors": ("KafkaError", "KafkaTimeoutError", "KafkaConnectionError", "MessageSizeTooLargeError"),
    "confluent_kafka": ("Producer", "Consumer", "KafkaException", "KafkaError", "Message", "TopicPartition"),
    "aiokafka": ("AIOKafkaProducer", "AIOKafkaConsumer", "TopicPartition"),
    "aiokafka.errors": ("KafkaError", "KafkaTimeoutError", "KafkaConnectionError"),
}
# What people type, and what the package is called when it is imported.
OTHER_NAMES = {
    "kafka_python": "kafka",
    "kafkapython": "kafka",
    "Kafka": "kafka",
    "confluent": "confluent_kafka",
    "confluent_python": "confluent_kafka",
    "aio_kafka": "aiokafka",
}


def shadowed(case: Case) -> Feedback | None:
    """A submitted file bears the name of a library and is imported in its place."""
    raised = case.raised
    if raised is None:
        return None
    for file in sorted(case.source.files):
        name = file.removesuffix(".py")
        if file in {name, PROGRAM} or name not in LIBRARIES | sys.stdlib_module_names:
            continue
        named = re.search(rf"[/\\]{re.escape(file)}\b|module '{name}'", raised.message)
        if named or any(frame.file == file for frame in case.own(raised.frames)):
            library = f"the library {PACKAGE[name]}" if name in PACKAGE else f"Python's own module `{name}`"
            return cause(
                f"Your `{file}` is imported in place of {library}{at(case.raised_at(), ', in ')}.",
                f"Rename it, to `my_{file}` for example: a file beside the program hides the library.",
            )
    return None


def name_not_there(case: Case) -> Feedback | None:
    """A library is there and has no such name."""
    found = NO_NAME.search(case.raised.message) if case.raised is not None else None
    if found is None or found["module"].partition(".")[0] not in LIBRARIES:
        return None
    name, module = found["name"], found["module"]
    place = at(case.raised_at())
    if name in GONE:
        return cause(f"`{name}` is no longer part of kafka-python 3, and is imported{place}.", GONE[name])
    if module == "kafka.vendor":
        return six_is_gone(
            f"`kafka.vendor.{name}` is no longer part of kafka-python 3, and is imported{place}."
        )
    near = _nearest(name, NAMES.get(module, ()))
    advice = (
        f"Did you mean `{near}`? Capitals count."
        if near
        else f"Look up in the library's documentation what `{module}` has."
    )
    return cause(f"`{module}` has no `{name}`, which is imported{place}.", advice)


def six_is_gone(seen: str) -> Feedback:
    """Return what is said of Python 2's bridge, which kafka-python once carried."""
    return cause(seen, "Leave the import out: Python 3's own `str`, `bytes` and `dict` do what six was for.")


def module_not_there(case: Case) -> Feedback | None:
    """A module is not installed where programs are run, or was not handed in."""
    found = NO_MODULE.search(case.raised.message) if case.raised is not None else None
    if found is None:
        return None
    module, place = found["module"], at(case.raised_at())
    root = module.partition(".")[0]
    if module.startswith("kafka.vendor"):
        return six_is_gone(f"`{module}` is no longer part of kafka-python 3, and is imported{place}.")
    seen = f"There is no module `{module}`, which is imported{place}."
    known = OTHER_NAMES.get(module) or _nearest(root, (*LIBRARIES, *sys.stdlib_module_names))
    own = _nearest(root, [name.removesuffix(".py") for name in case.source.files if name != PROGRAM])
    if root in LIBRARIES:
        return cause(seen, f"`{root}` has no such part; look at its documentation.")
    if own or known:
        return cause(seen, f"Did you mean `{own or known}`?")
    return cause(
        seen,
        f"If `{root}.py` is a file of yours, put it beside `{PROGRAM}`. Of packages, programs here have "
        "kafka-python, confluent-kafka and aiokafka; do without others.",
    )


def _nearest(name: str, known: "tuple[str, ...] | list[str]") -> str:
    by_small = {each.lower(): each for each in known}
    near = difflib.get_close_matches(name.lower(), by_small, n=1, cutoff=0.8)
    return by_small[near[0]] if near else ""
