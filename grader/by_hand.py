"""A broker for programs that are run by hand: start it, stop it, look into its topics."""

from collections.abc import Iterator, Sequence

from grader import exercise
from grader.broker import warm
from grader.broker.topics import Topics
from grader.errors import UsageError
from grader.model import Record, Topic

HAND_PORT = warm.HAND_PORT
PARTITIONS = 3
SHOWN_CHARACTERS = 60
SHOWN_RECORDS = 50
NOT_RUNNING = "No broker of the kit is running; `.venv/bin/python -m grader broker start` starts one."


def act(action: str, topic: str | None) -> str:
    """Do what is asked and return what to tell.

    Raises:
        UsageError: There is no broker to read from, or no such topic.
        BrokerError: Kafka could not be started.
    """
    if action == "start":
        return _start()
    if action == "stop":
        return "The broker has ended; its topics are gone." if warm.stop() else NOT_RUNNING
    running = warm.status()
    if running is None and action == "status":
        return NOT_RUNNING
    if running is None:
        raise UsageError(NOT_RUNNING)
    topics = Topics(running.servers)
    try:
        return _status(running, topics) if action == "status" else _read(topics, topic)
    finally:
        topics.close()


def _start() -> str:
    running = warm.start(HAND_PORT)
    topics = Topics(running.servers)
    try:
        present = topics.sizes()
        topics.add([topic for name, topic in sorted(_lesson_topics().items()) if name not in present])
        return _status(running, topics)
    finally:
        topics.close()


def _lesson_topics() -> dict[str, Topic]:
    """Return every topic of the exercises, with the settings that it has there."""
    return {
        topic.name: Topic(topic.name, PARTITIONS, topic.config)
        for each in exercise.ids()
        for scenario in exercise.load(each, seed=1).rubric.scenarios
        if scenario.program is None
        for topic in scenario.topics
    }


def _status(running: warm.State, topics: Topics) -> str:
    names = [f"  {name}  {size} partitions" for name, size in sorted(topics.sizes().items())]
    spare = ["A second one is kept warm for gradings."] if warm.status(warm.SPARE) else []
    return "\n".join([f"Kafka answers on localhost:{running.advertised_port}; its topics:", *names, *spare])


def _read(topics: Topics, name: str | None) -> str:
    sizes = topics.sizes()
    if name is None or name not in sizes:
        known = ", ".join(sorted(sizes))
        raise UsageError(f"There is no topic “{name or ''}”.", cure=f"The topics are: {known}.")
    records, _ = topics.read([name])
    return "\n".join(_lines(name, sizes[name], records))


def _lines(name: str, size: int, records: Sequence[Record]) -> Iterator[str]:
    yield f"{name}: {len(records)} records in {size} partitions"
    for number in range(size):
        mine = [record for record in records if record.partition == number]
        yield f"partition {number}: {len(mine)} records"
        yield from (_line(record) for record in mine[:SHOWN_RECORDS])
        if len(mine) > SHOWN_RECORDS:
            yield f"  … and {len(mine) - SHOWN_RECORDS} more"


def _line(record: Record) -> str:
    key = "no key" if record.key is None else f"key {_shown(record.key)}"
    return f"  @{record.offset:<6} {key}  value {_shown(record.value)}"


def _shown(content: bytes | None) -> str:
    if content is None:
        return "null"
    text = content.decode() if _is_plain(content) else repr(content)
    return text if len(text) <= SHOWN_CHARACTERS else f"{text[:SHOWN_CHARACTERS]}… ({len(content)} bytes)"


def _is_plain(content: bytes) -> bool:
    try:
        return content.decode("utf-8").isprintable()
    except UnicodeDecodeError:
        return False
