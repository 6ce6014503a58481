"""Why programs fail, told from evidence: what Python and the clients really print is what is read here."""

import dataclasses
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader import diagnosis
from grader.diagnosis import stack
from grader.diagnosis.case import Case, Recogniser
from grader.diagnosis.source import Source
from grader.model import (
    Evidence,
    Exit,
    Feedback,
    PartitionRequest,
    Record,
    Request,
    Run,
    Scenario,
    Stall,
    Submission,
    Topic,
    Traffic,
)

WORK = "/scratch/run-1-1/work"
HEADER = "Traceback (most recent call last):\n"
SITE = "/opt/kit/.venv/lib/python3.11/site-packages"
PYTHON = "/usr/lib/python3.11"

SENDS = b"""\
from kafka import KafkaProducer

producer = KafkaProducer(bootstrap_servers="localhost:19092")
producer.send("test_topic", b"Hello, Kafka!")
"""
STORED = Record("test_topic", 1, 0, 1_795_000_000_000, None, b"Hello, Kafka!")
PRODUCED = Request(
    "PRODUCE", 13, "c", "kafka-python", "127.0.0.1:1", 1, -1, None, (PartitionRequest("test_topic", 1, 80),)
)


def evidence(source: bytes | Mapping[str, bytes] = SENDS, stderr: str = "", **more: Any) -> Evidence:
    """Make evidence of a run that ended well and stored nothing, but for what is given."""
    files = {"producer.py": source} if isinstance(source, bytes) else dict(source)
    made = Evidence(
        submission=Submission("01_hello_kafka", files, "0" * 64),
        scenario=Scenario(name="healthy", title="the path is free", topics=(Topic("test_topic", 5),)),
        run=Run(
            more.pop("exit", Exit("exited", 0)), more.pop("stdout", "").encode(), stderr.encode(), 0.4, 30.0
        ),
        records=(),
        requests=(),
        topics={"test_topic": 5},
        bootstrap_servers="127.0.0.1:41000",
        traffic=Traffic(connections=2),
    )
    return dataclasses.replace(made, **more)


def crashed(source: bytes | Mapping[str, bytes], *lines: str, **more: Any) -> Evidence:
    """Make evidence of a program that ended with this traceback."""
    stderr = "\n".join(("Traceback (most recent call last):", *lines)) + "\n"
    return evidence(source, stderr, exit=Exit("exited", 1), **more)


def own(line: int, function: str = "<module>", file: str = "producer.py") -> str:
    return f'  File "{WORK}/{file}", line {line}, in {function}\n    …'


def library(path: str, line: int, function: str) -> str:
    return f'  File "{SITE}/{path}", line {line}, in {function}\n    …'


def asked_for(topic: str) -> Request:
    part = PartitionRequest(topic, None, 0, "UNKNOWN_TOPIC_OR_PARTITION")
    return Request("METADATA", 13, "c", "kafka-python", "127.0.0.1:1", 1, parts=(part,))


def waiting(*frames: str) -> str:
    """Return what Python's fault handler prints of the main thread, the innermost frame first."""
    return "\n".join(
        ("Fatal Python error: Aborted", "", "Current thread 0x1 (most recent call first):", *frames)
    )


class TestWhatPythonPrints:
    def test_a_traceback_is_read_with_its_frames(self) -> None:
        text = crashed(
            b"", own(8), library("kafka/producer/kafka.py", 926, "send"), "TypeError: no"
        ).run.stderr
        (raised,) = stack.exceptions(text.decode())
        assert ("TypeError", "no") == (raised.kind, raised.message)
        assert ["producer.py", "kafka.py"] == [frame.file for frame in raised.frames]
        assert [False, True] == [frame.installed for frame in raised.frames]

    def test_the_module_of_an_exception_is_left_out(self) -> None:
        text = "Traceback (most recent call last):\nkafka.errors.KafkaTimeoutError: KafkaTimeoutError: late\n"
        assert "KafkaTimeoutError" == stack.exceptions(text)[0].kind

    @pytest.mark.parametrize(
        "between",
        [
            "During handling of the above exception, another exception occurred:",
            "The above exception was the direct cause of the following exception:",
        ],
    )
    def test_a_chain_is_one_exception_that_knows_those_before_it(self, between: str) -> None:
        text = f"{HEADER}{own(2)}\nOSError: gone\n\n{between}\n\n{HEADER}{own(4)}\nRuntimeError: so\n"
        (raised,) = stack.exceptions(text)
        assert "RuntimeError" == raised.kind
        assert ["OSError"] == [each.kind for each in raised.before]

    def test_what_an_exit_hook_raises_is_not_the_programs(self) -> None:
        text = (
            "Exception ignored in atexit callback: <function KafkaProducer._cleanup_factory at 0x7f>\n"
            f"Traceback (most recent call last):\n{library('kafka/producer/kafka.py', 649, 'wrapper')}\n"
            "kafka.errors.KafkaTimeoutError: KafkaTimeoutError: Timeout waiting for future\n"
        )
        assert () == stack.exceptions(text)

    def test_a_syntax_error_has_no_header(self) -> None:
        text = f"  File \"{WORK}/producer.py\", line 7\n    print(\n\nSyntaxError: '(' was never closed\n"
        (raised,) = stack.exceptions(text)
        assert ("SyntaxError", 7, "") == (raised.kind, raised.frames[0].line, raised.frames[0].function)

    def test_a_file_that_cannot_be_decoded_has_one_line_only(self) -> None:
        text = f"SyntaxError: Non-UTF-8 code starting with '\\xe9' in file {WORK}/producer.py on line 10\n"
        assert ["SyntaxError"] == [each.kind for each in stack.exceptions(text)]

    def test_of_a_task_group_the_inner_exception_counts(self) -> None:
        text = (
            "  + Exception Group Traceback (most recent call last):\n"
            f'  |   File "{WORK}/producer.py", line 7, in <module>\n'
            "  |     asyncio.run(main())\n"
            "  | ExceptionGroup: unhandled errors in a TaskGroup (1 sub-exception)\n"
            "  +-+---------------- 1 ----------------\n"
            "    | Traceback (most recent call last):\n"
            f'    |   File "{WORK}/producer.py", line 3, in send\n'
            "    | LookupError: unknown encoding: uft-8\n"
            "    +------------------------------------\n"
        )
        assert ["ExceptionGroup", "LookupError"] == [each.kind for each in stack.exceptions(text)]
        assert 3 == stack.exceptions(text)[-1].frames[-1].line

    def test_the_exception_of_a_thread_is_marked(self) -> None:
        text = (
            "Exception in thread Thread-1 (send):\nTraceback (most recent call last):\n"
            f"{own(12, 'send')}\nLookupError: unknown encoding: uft-8\n"
        )
        assert [True] == [each.of_thread for each in stack.exceptions(text)]

    def test_threads_are_told_apart(self) -> None:
        text = (
            "Fatal Python error: Aborted\n\nThread 0x00007f5e2ccff6c0 (most recent call first):\n"
            f'  File "{PYTHON}/selectors.py", line 468 in select\n\n'
            "Current thread 0x00007f5e2f0aeb80 (most recent call first):\n"
            f'  File "{SITE}/kafka/producer/kafka.py", line 1011 in flush\n'
            f'  File "{WORK}/producer.py", line 9 in <module>\n\nExtension modules: crc32c (total: 1)\n'
        )
        assert [["select"], ["flush", "<module>"]] == [
            [frame.function for frame in each] for each in stack.threads(text)
        ]

    @given(st.text(alphabet=' \n|+-:"FileTracbkmostnl(),0123456789inE', max_size=400))
    @settings(max_examples=100)
    def test_whatever_is_printed_can_be_read(self, text: str) -> None:
        for printed in (
            text,
            f"Traceback (most recent call last):\n{text}",
            f'  File "{text}", line 3\n{text}',
        ):
            stack.exceptions(printed)
            list(stack.threads(printed))


class TestSource:
    def test_a_line_is_named_with_its_text(self) -> None:
        place = Source({"producer.py": SENDS}).place("producer.py", 4)
        assert 'line 4 of `producer.py`: `producer.send("test_topic", b"Hello, Kafka!")`' == str(place)

    def test_a_long_line_is_cut(self) -> None:
        assert 90 == len(Source({"producer.py": b"x = '" + b"y" * 200 + b"'"}).place("producer.py", 1).shown)

    def test_a_line_that_is_not_there_has_no_text(self) -> None:
        assert "line 9 of `producer.py`" == str(Source({}).place("producer.py", 9))

    def test_the_default_of_a_look_up_is_no_address_written_outright(self) -> None:
        source = (
            b'import os\na = os.environ.get("K", "localhost:9092")\nb = ["10.0.0.1:9093", "kafka:9094"]\n'
        )
        assert ["10.0.0.1:9093", "kafka:9094"] == [
            address for address, _ in Source({"producer.py": source}).addresses()
        ]

    def test_the_outermost_loop_around_a_line_is_found(self) -> None:
        place = Source({"producer.py": b"while True:\n    for i in range(3):\n        pass\n"}).loop_around(
            "producer.py", 3
        )
        assert place is not None
        assert 1 == place.line

    def test_a_source_that_is_no_python_has_no_calls(self) -> None:
        assert [] == list(Source({"producer.py": b"producer.send("}).calls("send"))


def ended(made: Evidence) -> Feedback:
    return diagnosis.why_it_ended_so(made)


def silent(made: Evidence) -> Feedback:
    return diagnosis.why_nothing_arrived(made)


class TestStart:
    def test_a_missing_file_is_told_with_what_was_handed_in(self) -> None:
        made = evidence({"Producer.py": SENDS, "notes.txt": b""}, exit=Exit("not_started"))
        assert "There is no `producer.py`; handed in: `Producer.py`." == ended(made).seen
        assert "Rename `Producer.py`" in ended(made).advice

    def test_nothing_handed_in(self) -> None:
        assert "There is no `producer.py`." == ended(evidence({}, exit=Exit("not_started"))).seen

    @pytest.mark.parametrize(
        ("reason", "advice"),
        [
            ("cannot be read: Permission denied", "chmod u+r producer.py"),
            ("not a regular file", "not a link"),
            ("has 2,000,000 bytes; a file handed in is smaller than 1,000,000", "smaller"),
        ],
    )
    def test_a_file_that_could_not_be_taken(self, reason: str, advice: str) -> None:
        submission = Submission("01_hello_kafka", {}, "0" * 64, {"producer.py": reason})
        made = evidence({}, exit=Exit("not_started"), submission=submission)
        assert f"`producer.py` {reason}." == ended(made).seen
        assert advice in ended(made).advice

    @pytest.mark.parametrize("source", ["print(1)\n".encode("utf-16"), b"print('\xe9')\n"])
    def test_another_encoding_is_found_in_the_file_itself(self, source: bytes) -> None:
        made = evidence(source, "SyntaxError: whatever Python says of it\n", exit=Exit("exited", 1))
        assert "UTF-8" in ended(made).seen
        assert "Save the file as UTF-8" in ended(made).advice

    def test_a_syntax_error_names_the_line(self) -> None:
        stderr = f"  File \"{WORK}/producer.py\", line 1\n    f(\n     ^\nSyntaxError: '(' was never closed\n"
        made = evidence(b"f(\n", stderr, exit=Exit("exited", 1))
        assert (
            "Python cannot read line 1 of `producer.py`: `f(`. It says: '(' was never closed."
            == ended(made).seen
        )

    def test_a_syntax_error_in_a_module_beside_it_names_that_file(self) -> None:
        made = crashed(
            {"producer.py": b"import greeting\n", "greeting.py": b"TEXT = \n"},
            own(1),
            f'  File "{WORK}/greeting.py", line 1\n    TEXT = \n           ^',
            "SyntaxError: invalid syntax",
        )
        assert "line 1 of `greeting.py`" in ended(made).seen

    def test_a_syntax_error_that_a_program_makes_itself_is_a_crash_like_any_other(self) -> None:
        made = crashed(
            b"exec('f(')\n", own(1), '  File "<string>", line 1', "SyntaxError: '(' was never closed"
        )
        assert "The program stopped with SyntaxError" in ended(made).seen

    @pytest.mark.parametrize("source", [b"", b"# TODO\n", b'"""A lesson."""\n', b"pass\n"])
    def test_a_program_without_a_statement(self, source: bytes) -> None:
        assert "nothing that could run" in silent(evidence(source)).seen


class TestImports:
    def test_a_file_that_hides_the_library(self) -> None:
        made = crashed(
            {"producer.py": b"from kafka import KafkaProducer\n", "kafka.py": b""},
            own(1),
            f"ImportError: cannot import name 'KafkaProducer' from 'kafka' ({WORK}/kafka.py)",
        )
        assert "Your `kafka.py` is imported in place of the library kafka-python" in ended(made).seen
        assert "Rename it" in ended(made).advice

    def test_a_file_that_hides_a_module_of_pythons(self) -> None:
        made = crashed(
            {"producer.py": b"from kafka import KafkaProducer\n", "logging.py": b""},
            own(1),
            library("kafka/__init__.py", 10, "<module>"),
            "AttributeError: module 'logging' has no attribute 'getLogger'",
        )
        assert "Your `logging.py` is imported in place of Python's own module `logging`" in ended(made).seen

    def test_a_file_of_such_a_name_that_did_no_harm_is_not_named(self) -> None:
        made = crashed(
            {"producer.py": b"1 / 0\n", "queue.py": b""}, own(1), "ZeroDivisionError: division by zero"
        )
        assert "queue" not in ended(made).seen

    @pytest.mark.parametrize(
        ("message", "advice"),
        [
            ("cannot import name 'NoBrokersAvailable' from 'kafka.errors' (x)", "KafkaTimeoutError"),
            ("cannot import name 'SimpleProducer' from 'kafka' (x)", "Use `KafkaProducer`."),
            ("cannot import name 'kafkaProducer' from 'kafka' (x)", "Did you mean `KafkaProducer`?"),
            ("cannot import name 'six' from 'kafka.vendor' (x)", "Leave the import out"),
            ("cannot import name 'frobnicate' from 'kafka' (x)", "documentation"),
        ],
    )
    def test_a_name_that_the_library_does_not_have(self, message: str, advice: str) -> None:
        assert advice in ended(crashed(b"import kafka\n", own(1), f"ImportError: {message}")).advice

    @pytest.mark.parametrize(
        ("module", "advice"),
        [
            ("kafka.vendor.six.moves", "Leave the import out"),
            ("kafka_python", "Did you mean `kafka`?"),
            ("Kafka", "Did you mean `kafka`?"),
            ("confluent", "Did you mean `confluent_kafka`?"),
            ("jsonn", "Did you mean `json`?"),
            ("greetings", "Did you mean `greeting`?"),
            ("kafka.producers", "no such part"),
            ("dotenv", "kafka-python, confluent-kafka and aiokafka"),
        ],
    )
    def test_a_module_that_is_not_there(self, module: str, advice: str) -> None:
        files = {"producer.py": b"import x\n", "greeting.py": b""}
        made = crashed(files, own(1), f"ModuleNotFoundError: No module named '{module}'")
        assert advice in ended(made).advice

    def test_a_name_missing_in_the_students_own_module_is_a_crash_like_any_other(self) -> None:
        made = crashed(
            {"producer.py": b"from greeting import TEXT\n", "greeting.py": b""},
            own(1),
            f"ImportError: cannot import name 'TEXT' from 'greeting' ({WORK}/greeting.py)",
        )
        assert "The program stopped with ImportError" in ended(made).seen


class TestSerializing:
    REFUSED = (own(4), library("kafka/producer/kafka.py", 926, "send"))

    def test_text_without_a_serializer(self) -> None:
        made = crashed(
            SENDS, *self.REFUSED, "TypeError: Unsupported type for serialized value: <class 'str'>"
        )
        assert "The value is a str, and Kafka stores bytes" in ended(made).seen
        assert "line 4 of `producer.py`" in ended(made).seen
        assert "value_serializer=str.encode" in ended(made).advice

    def test_a_key_is_not_touched_by_the_serializer_for_values(self) -> None:
        source = b"from kafka import KafkaProducer\np = KafkaProducer(value_serializer=str.encode)\n"
        made = crashed(source, own(2), "TypeError: Unsupported type for serialized key: <class 'str'>")
        assert "The key is a str" in ended(made).seen
        assert "does not touch keys" in ended(made).advice

    def test_a_serializer_that_returns_text(self) -> None:
        source = b"import json\np = KafkaProducer(value_serializer=json.dumps)\n"
        made = crashed(source, own(2), "TypeError: Unsupported type for serialized value: <class 'str'>")
        assert "The value_serializer returned a str" in ended(made).seen

    def test_the_exception_behind_the_librarys_mask(self) -> None:
        header = "Traceback (most recent call last):"
        made = crashed(
            b"p.send('t', x)\n",
            own(1),
            library("kafka/serializer/wrapper.py", 21, "serialize"),
            f'  File "{PYTHON}/json/encoder.py", line 180, in default',
            "TypeError: Object of type datetime is not JSON serializable",
            "",
            "During handling of the above exception, another exception occurred:",
            "",
            header,
            own(1),
            library("kafka/producer/kafka.py", 1077, "_serialize"),
            "TypeError: SerializeWrapper.serialize() missing 1 required positional argument: 'data'",
        )
        assert "TypeError: Object of type datetime is not JSON serializable." in ended(made).seen
        assert "hides this one" in ended(made).seen
        assert "JSON knows no datetime" in ended(made).advice

    def test_a_serializer_that_encodes_bytes(self) -> None:
        made = crashed(
            b"p.send('t', b'x')\n",
            own(1),
            library("kafka/serializer/wrapper.py", 21, "serialize"),
            own(1, "<lambda>"),
            "AttributeError: 'bytes' object has no attribute 'encode'. Did you mean: 'decode'?",
        )
        assert "A serializer raised AttributeError" in ended(made).seen
        assert "not both" in ended(made).advice

    def test_text_for_aiokafka(self) -> None:
        made = crashed(
            b"await p.send_and_wait('t', 'x')\n",
            own(1, "send"),
            library("aiokafka/producer/producer.py", 400, "_serialize"),
            '  File "aiokafka/record/_crecords/default_records.pyx", line 760, in _bytelike_len',
            "TypeError: a bytes-like object is required, not 'str'",
        )
        assert "A str was given where Kafka stores bytes" in ended(made).seen
        assert "value_serializer" in ended(made).advice

    def test_a_dict_for_confluent(self) -> None:
        made = crashed(
            b"p.produce('t', {})\n", own(1), "TypeError: a bytes-like object is required, not 'dict'"
        )
        assert "A dict was given where Kafka stores bytes" in ended(made).seen

    def test_a_dict_for_the_programs_own_file_is_a_crash_like_any_other(self) -> None:
        made = crashed(b"file.write({})\n", own(1), "TypeError: a bytes-like object is required, not 'dict'")
        assert "The program stopped with TypeError" in ended(made).seen

    def test_a_type_error_of_the_program_is_not_the_serializers(self) -> None:
        made = crashed(b"len(3)\n", own(1), "TypeError: object of type 'int' has no len()")
        assert "The program stopped with TypeError" in ended(made).seen

    def test_it_is_found_in_what_a_program_prints_of_it(self) -> None:
        made = evidence(stdout="Error: Unsupported type for serialized value: <class 'dict'>\n")
        assert "The value is a dict" in silent(made).seen


class TestSettings:
    @pytest.mark.parametrize(
        ("message", "advice"),
        [
            ("Unrecognized configs: {'bootstrap_server': 'h:1'}", "Did you mean `bootstrap_servers`?"),
            ("Unrecognized configs: {'bootstrap.servers': 'h:1'}", "here it is `bootstrap_servers=…`"),
            ("Unrecognized configs: {'buffer_memory': 1}", "Leave it out"),
            ("Unrecognized configs: {'zzz': 1}", "list of settings"),
        ],
    )
    def test_a_setting_that_is_not_known(self, message: str, advice: str) -> None:
        assert advice in ended(crashed(SENDS, own(3), f"ValueError: {message}")).advice

    def test_no_value_of_a_setting_is_repeated(self) -> None:
        made = crashed(SENDS, own(3), "ValueError: Unrecognized configs: {'passwd': 'secret'}")
        assert "secret" not in ended(made).seen

    def test_aiokafka_says_it_in_its_own_way(self) -> None:
        message = "AIOKafkaProducer.__init__() got an unexpected keyword argument 'retries'"
        assert "`retries`" in ended(crashed(SENDS, own(3), f"TypeError: {message}")).seen

    def test_a_keyword_of_the_students_own_class_is_not_the_producers(self) -> None:
        message = "Greeter.__init__() got an unexpected keyword argument 'name'"
        made = crashed(b"Greeter(name=1)\n", own(1), f"TypeError: {message}")
        assert "The program stopped with TypeError" in ended(made).seen

    def test_dots_are_missing_for_confluent(self) -> None:
        message = (
            'KafkaError{code=_INVALID_ARG,val=-186,str="No such configuration property: "bootstrap_servers""}'
        )
        made = crashed(SENDS, own(3), f"cimpl.KafkaException: {message}")
        assert "with dots: `bootstrap.servers`" in ended(made).advice

    def test_a_dict_in_place_of_names(self) -> None:
        message = "KafkaProducer.__init__() takes 1 positional argument but 2 were given"
        assert "**settings" in ended(crashed(SENDS, own(3), f"TypeError: {message}")).advice

    def test_acks_that_the_broker_refuses(self) -> None:
        part = PartitionRequest("test_topic", 0, 80, "INVALID_REQUIRED_ACKS")
        made = crashed(
            SENDS,
            own(4),
            "kafka.errors.InvalidRequiredAcksError: [Error 21] InvalidRequiredAcksError: None",
            requests=(dataclasses.replace(PRODUCED, acks=2, parts=(part,)),),
        )
        assert "acks=2, which the broker refused" in ended(made).seen

    @pytest.mark.parametrize("acks", ["1", "0", "ALL"])
    def test_acks_given_as_text_hang(self, acks: str) -> None:
        source = f'p = KafkaProducer(acks="{acks}")'.encode() + b'\np.send("test_topic", b"x")\np.flush()\n'
        stderr = waiting(
            f'  File "{SITE}/kafka/producer/kafka.py", line 1011 in flush',
            f'  File "{WORK}/producer.py", line 3 in <module>',
        )
        made = evidence(source, stderr, exit=Exit("timed_out"))
        assert f'kafka-python took the text "{acks}" for acks' in ended(made).seen
        assert "0 or 1" in ended(made).advice


class TestAddress:
    BOOTSTRAP = "kafka.errors.KafkaTimeoutError: KafkaTimeoutError: Unable to bootstrap from "
    NOBODY = Traffic()

    def test_nobody_answers(self) -> None:
        made = crashed(SENDS, own(3), f"{self.BOOTSTRAP}['localhost:19092']", traffic=self.NOBODY)
        assert "No Kafka broker answers at `localhost:19092`, dialled at line 3" in ended(made).seen
        assert "KAFKA_BOOTSTRAP_SERVERS" in ended(made).advice

    def test_a_refused_connection_says_that_nothing_listens(self) -> None:
        failed = (
            "Unable connect to \"localhost:29092\": [Errno 111] Connect call failed ('127.0.0.1', 29092)\n"
        )
        message = "Unable to bootstrap from [('localhost', 29092, <AddressFamily.AF_UNSPEC: 0>)]"
        raised = f"aiokafka.errors.KafkaConnectionError: KafkaConnectionError: {message}"
        stderr = f"{failed}{HEADER}{own(3)}\n{raised}\n"
        made = evidence(b"x\n", stderr, exit=Exit("exited", 1), traffic=self.NOBODY)
        assert "Nothing listens at `localhost:29092`" in ended(made).seen

    def test_confluents_log_lines_are_read(self) -> None:
        stderr = (
            "%3|1795481383.542|FAIL|rdkafka#producer-1| [thrd:localhost:29092/bootstrap]: "
            "localhost:29092/bootstrap: Connect to ipv4#127.0.0.1:29092 failed: "
            "Connection refused (after 0ms in state CONNECT)\n"
        )
        assert (
            "Nothing listens at `localhost:29092`"
            in silent(evidence(SENDS, stderr, traffic=self.NOBODY)).seen
        )

    def test_a_containers_name_is_no_host_here(self) -> None:
        made = crashed(SENDS, own(3), f"{self.BOOTSTRAP}['kafka:9092']", traffic=self.NOBODY)
        assert "There is no host `kafka` here" in ended(made).seen

    def test_a_program_that_was_still_trying_when_its_time_was_up(self) -> None:
        stderr = waiting(
            f'  File "{PYTHON}/selectors.py", line 468 in select',
            f'  File "{SITE}/kafka/net/manager.py", line 181 in bootstrap',
            f'  File "{SITE}/kafka/producer/kafka.py", line 534 in __init__',
            f'  File "{WORK}/producer.py", line 3 in <module>',
        )
        made = evidence(SENDS, stderr, exit=Exit("timed_out"), traffic=self.NOBODY)
        assert "No Kafka broker answers at `localhost:19092`" in ended(made).seen

    def test_a_variable_that_is_not_there(self) -> None:
        source = b"import os\np = KafkaProducer(bootstrap_servers=os.getenv('BROKER'))\n"
        made = crashed(source, own(2), "TypeError: 'NoneType' object is not iterable", traffic=self.NOBODY)
        assert "The producer's address is None, at line 2" in ended(made).seen

    def test_a_none_that_is_not_the_address(self) -> None:
        made = crashed(b"list(None)\n", own(1), "TypeError: 'NoneType' object is not iterable")
        assert "The program stopped with TypeError" in ended(made).seen

    def test_no_address_at_all(self) -> None:
        made = crashed(b"p = KafkaProducer()\n", own(1), f"{self.BOOTSTRAP}localhost", traffic=self.NOBODY)
        assert "The producer is given no address, at line 1" in ended(made).seen

    def test_an_address_in_settings_that_are_unpacked_is_not_missed(self) -> None:
        source = b'p = KafkaProducer(**{"bootstrap_servers": "h.example:9"})\n'
        made = crashed(source, own(1), f"{self.BOOTSTRAP}h.example:9", traffic=self.NOBODY)
        assert "No Kafka broker answers at `h.example:9`" in ended(made).seen

    def test_the_graders_own_address_is_never_blamed(self) -> None:
        made = crashed(SENDS, own(3), f"{self.BOOTSTRAP}['127.0.0.1:41000']", traffic=self.NOBODY)
        assert "answers" not in ended(made).seen

    def test_a_program_that_reached_the_broker_is_not_told_otherwise(self) -> None:
        made = crashed(SENDS, own(3), f"{self.BOOTSTRAP}['localhost:19092']")
        assert "No Kafka broker" not in ended(made).seen

    def test_without_a_relay_the_clients_word_is_enough(self) -> None:
        made = crashed(SENDS, own(3), f"{self.BOOTSTRAP}['localhost:19092']", traffic=None, request_log=False)
        assert "No Kafka broker answers at `localhost:19092`" in ended(made).seen

    def test_tls_to_a_plain_broker(self) -> None:
        traffic = Traffic(connections=3, not_kafka=("\\x16\\x03\\x01\\x02",))
        source = b'p = KafkaProducer(security_protocol="SSL")\n'
        made = crashed(source, own(1), f"{self.BOOTSTRAP}127.0.0.1:41000", traffic=traffic)
        assert "TLS handshake" in ended(made).seen
        assert "security_protocol" in ended(made).advice

    def test_http(self) -> None:
        traffic = Traffic(connections=1, not_kafka=("GET /topics HTTP/1.1",))
        assert "spoke HTTP" in silent(evidence(b"import urllib\n", traffic=traffic)).seen


class TestTopic:
    TIMEOUT = "kafka.errors.KafkaTimeoutError: KafkaTimeoutError: Failed to update metadata after 5.0 secs."

    @pytest.mark.parametrize(
        ("topic", "advice"),
        [
            ("test-topic", "Write `test_topic`, letter by letter."),
            ("Test_Topic", "capitals count"),
            ("TEST_TOPICS", "letter by letter"),
            ("greetings", "Send to one that exists: `test_topic`."),
        ],
    )
    def test_a_topic_that_does_not_exist(self, topic: str, advice: str) -> None:
        source = SENDS.replace(b"test_topic", topic.encode())
        made = crashed(source, own(4), self.TIMEOUT, requests=(asked_for(topic),))
        assert f"The program asked for the topic `{topic}`" in ended(made).seen
        assert "line 4 of `producer.py`" in ended(made).seen
        assert advice in ended(made).advice

    def test_it_comes_before_the_time_out_that_it_causes(self) -> None:
        stderr = waiting(
            f'  File "{SITE}/kafka/producer/kafka.py", line 1051 in _wait_on_metadata',
            f'  File "{WORK}/producer.py", line 4 in <module>',
        )
        made = evidence(SENDS, stderr, exit=Exit("timed_out"), requests=(asked_for("test-topic"),))
        assert "It does not exist; `test_topic` does." in ended(made).seen

    def test_it_is_not_blamed_for_an_exception_of_another_kind(self) -> None:
        made = crashed(
            SENDS, own(4), "NameError: name 'x' is not defined", requests=(asked_for("test-topic"),)
        )
        assert "NameError" in ended(made).seen

    def test_without_a_request_log_the_source_tells_which_it_was(self) -> None:
        source = SENDS.replace(b"test_topic", b"test-topic")
        made = crashed(source, own(4), self.TIMEOUT, request_log=False, traffic=None)
        assert "asked for the topic `test-topic`" in ended(made).seen

    def test_without_a_request_log_a_topic_that_exists_is_not_blamed(self) -> None:
        made = crashed(SENDS, own(4), self.TIMEOUT, request_log=False, traffic=None)
        assert "does not exist" not in ended(made).seen

    def test_records_that_went_elsewhere(self) -> None:
        strayed = dataclasses.replace(STORED, topic="Test_Topic")
        source = SENDS.replace(b"test_topic", b"Test_Topic")
        found = silent(evidence(source, records=(strayed,), topics={"test_topic": 5, "Test_Topic": 1}))
        assert found.seen.startswith("1 record went to the topic `Test_Topic`, written at line 4")
        assert "`test_topic`" in found.advice

    def test_bytes_for_a_topic(self) -> None:
        assert "`str`" in ended(crashed(SENDS, own(4), "TypeError: All topics must be strings")).advice

    def test_swapped_arguments(self) -> None:
        source = b'p.send("Hello, Kafka!", "test_topic")\n'
        message = (
            'Topic name "Hello, Kafka!" is illegal, it contains a character other than ASCII alphanumerics'
        )
        assert "Swap the two arguments" in ended(crashed(source, own(1), f"ValueError: {message}")).advice

    def test_a_name_that_no_topic_can_have(self) -> None:
        message = 'Topic name "my topic!" is illegal, it contains a character other than ASCII alphanumerics'
        assert "hyphens" in ended(crashed(SENDS, own(4), f"ValueError: {message}")).advice

    def test_a_partition_that_is_not_there(self) -> None:
        made = crashed(SENDS, own(4), "ValueError: Unrecognized partition 9 for topic test_topic")
        assert "`test_topic` has no partition 9" in ended(made).seen
        assert "0 to 4" in ended(made).advice


class TestCrash:
    def test_input_finds_nobody(self) -> None:
        made = crashed(b'input("Message: ")\n', own(1), "EOFError: EOF when reading a line")
        assert "asked for input at line 1" in ended(made).seen

    def test_another_variable(self) -> None:
        made = crashed(
            b'import os\nos.environ["BROKER"]\n',
            own(2),
            '  File "<frozen os>", line 679, in __getitem__',
            "KeyError: 'BROKER'",
        )
        assert "no variable `BROKER`" in ended(made).seen
        assert "`KAFKA_BOOTSTRAP_SERVERS`" in ended(made).advice

    def test_a_key_error_of_a_dict_is_a_crash_like_any_other(self) -> None:
        made = crashed(b'{}["a"]\n', own(1), "KeyError: 'a'")
        assert "The program stopped with KeyError: 'a'." in ended(made).seen

    def test_an_argument_that_is_not_there(self) -> None:
        made = crashed(b"import sys\nsys.argv[1]\n", own(2), "IndexError: list index out of range")
        assert "`python producer.py`" in ended(made).advice

    def test_an_argument_that_argparse_wants(self) -> None:
        wanted = "the following arguments are required: --broker"
        stderr = f"usage: producer.py [-h] --broker B\nproducer.py: error: {wanted}\n"
        made = evidence(SENDS, stderr, exit=Exit("exited", 2))
        assert wanted in ended(made).seen

    def test_sending_after_closing(self) -> None:
        source = b"with KafkaProducer() as p:\n    pass\np.send('t', b'')\n"
        message = "kafka.errors.IllegalStateError: IllegalStateError: KafkaProducer already closed!"
        made = crashed(source, own(3), message)
        assert "closed already when it was used at line 3" in ended(made).seen
        assert "the end of the `with` block" in ended(made).advice

    @pytest.mark.parametrize(
        ("message", "advice"),
        [
            ("'KafkaProducer' object has no attribute 'produce'", "`send(topic, value)`"),
            ("'cimpl.Producer' object has no attribute 'send'", "`produce(topic, value)`"),
            ("'AIOKafkaProducer' object has no attribute 'close'", "`await producer.stop()`"),
        ],
    )
    def test_methods_of_another_client(self, message: str, advice: str) -> None:
        assert advice in ended(crashed(SENDS, own(4), f"AttributeError: {message}")).advice

    def test_any_other_names_the_line_and_what_had_worked(self) -> None:
        made = crashed(b"send()\n1 / 0\n", own(2), "ZeroDivisionError: division by zero", records=(STORED,))
        assert "stopped with ZeroDivisionError: division by zero. It was raised at line 2" in ended(made).seen
        assert ended(made).advice.startswith("All that comes before that line had worked.")

    def test_the_line_is_the_students_last_one_and_not_the_librarys(self) -> None:
        made = crashed(SENDS, own(3), own(4), library("kafka/x.py", 1, "f"), "ValueError: no")
        assert "line 4 of" in ended(made).seen

    @pytest.mark.parametrize(("name", "meant"), [("TOPIC", "KAFKA_TOPIC"), ("produser", "producer")])
    def test_a_name_that_is_nearly_there(self, name: str, meant: str) -> None:
        source = f"KAFKA_TOPIC = producer = 1\n{name}\n".encode()
        made = crashed(source, own(2), f"NameError: name '{name}' is not defined")
        assert f"Did you mean `{meant}`?" == ended(made).advice

    @pytest.mark.parametrize(
        ("message", "advice"),
        [
            ("TypeError: headers must be list-type", "pairs of text and bytes"),
            ("ValueError: Need at least one: key or value", "a value behind the topic"),
            ("ValueError: Not supported codec: GZIP", "small letters"),
            ("TypeError: expected configuration dict", "one dict"),
            ("AttributeError: 'FutureRecordMetadata' object has no attribute 'offset'", "`get(timeout=10)`"),
            ("json.decoder.JSONDecodeError: Extra data: line 2 column 1 (char 97)", "line by line"),
            ("ValueError: invalid literal for int() with base 10: 'Mara'", "stays a text"),
        ],
    )
    def test_a_clients_own_words_with_a_few_more(self, message: str, advice: str) -> None:
        assert message.removeprefix("json.decoder.") in ended(crashed(SENDS, own(4), message)).seen
        assert advice in ended(crashed(SENDS, own(4), message)).advice

    def test_a_file_of_a_fixed_name_is_told_the_one_that_was_given(self) -> None:
        given = Scenario(name="x", title="", topics=(), args=("day-7.jsonl",), files={"day-7.jsonl": b""})
        message = "FileNotFoundError: [Errno 2] No such file or directory: 'orders.jsonl'"
        found = ended(crashed(SENDS, own(4), message, scenario=given))
        assert "`sys.argv[1]`: here it was `day-7.jsonl`." in found.advice
        assert "Read the traceback" in ended(crashed(SENDS, own(4), message)).advice

    def test_a_thread_that_crashed_explains_the_silence(self) -> None:
        stderr = f"Exception in thread Thread-1:\n{HEADER}{own(4, 'f')}\nOSError: gone\n"
        assert "A thread of the program stopped with OSError: gone." in silent(evidence(SENDS, stderr)).seen


class TestEnding:
    def test_a_text_given_to_exit(self) -> None:
        source = b'import sys\nsys.exit("Message sent")\n'
        made = evidence(source, "Message sent\n", exit=Exit("exited", 1))
        assert (
            'exit code 1, chosen at line 2 of `producer.py`: `sys.exit("Message sent")`' in ended(made).seen
        )
        assert "print() it instead" in ended(made).advice

    def test_an_exit_code_that_is_chosen(self) -> None:
        made = evidence(b"import sys\nsys.exit(0)\nsys.exit(3)\n", exit=Exit("exited", 3))
        assert "exit code 3, chosen at line 3" in ended(made).seen

    def test_an_exit_code_from_nowhere(self) -> None:
        assert "The program ended with exit code 5." == ended(evidence(exit=Exit("exited", 5))).seen

    @pytest.mark.parametrize("name", ["SIGSEGV", "SIGKILL", "SIGTERM"])
    def test_a_signal(self, name: str) -> None:
        made = evidence(exit=Exit("signalled", None, name))
        assert f"The signal {name} ended the program." == ended(made).seen
        assert ended(made).advice

    def test_memory(self) -> None:
        assert "all the memory" in ended(evidence(exit=Exit("out_of_memory"))).seen

    def test_output_without_end_names_its_loop(self) -> None:
        source = b"while True:\n    print(1)\n"
        run = Run(Exit("output_limit"), b"1\n", b"", 3.0, 30.0, stdout_bytes=8_000_123)
        found = ended(evidence(source, run=run))
        assert "more than 8 MB and was ended there, in the loop at line 1" in found.seen

    def test_a_loop_without_end(self) -> None:
        source = b"import time\nwhile True:\n    time.sleep(1)\n"
        made = evidence(
            source, waiting(f'  File "{WORK}/producer.py", line 3 in <module>'), exit=Exit("timed_out")
        )
        assert (
            "The loop that begins at line 2 of `producer.py`, `while True:`, had not come to an end"
            in ended(made).seen
        )

    def test_a_loop_of_a_thread(self) -> None:
        source = b"def f():\n    while True:\n        pass\n"
        stderr = (
            f'Thread 0x1 (most recent call first):\n  File "{WORK}/producer.py", line 3 in f\n'
            f'  File "{PYTHON}/threading.py", line 982 in run\n\n'
            "Current thread 0x2 (most recent call first):\n"
            f'  File "{PYTHON}/threading.py", line 1590 in _shutdown\n'
        )
        assert "line 2 of `producer.py`" in ended(evidence(source, stderr, exit=Exit("timed_out"))).seen

    def test_a_long_sleep(self) -> None:
        stderr = waiting(f'  File "{WORK}/producer.py", line 2 in <module>')
        made = evidence(b"import time\ntime.sleep(60)\n", stderr, exit=Exit("timed_out"))
        assert "The program slept, at line 2" in ended(made).seen

    def test_waiting_in_flush(self) -> None:
        stderr = waiting(
            f'  File "{SITE}/kafka/producer/kafka.py", line 1011 in flush',
            f'  File "{WORK}/producer.py", line 4 in <module>',
        )
        assert (
            "flush() waited for the broker, at line 4"
            in ended(evidence(SENDS, stderr, exit=Exit("timed_out"))).seen
        )

    def test_a_time_out_without_a_stack_is_told_all_the_same(self) -> None:
        assert "The program was still running." == ended(evidence(exit=Exit("timed_out"))).seen

    def test_producers_made_one_after_the_other(self) -> None:
        source = b"for line in f:\n    p = KafkaProducer()\n    p.send('t', line)\n"
        requests = [dataclasses.replace(PRODUCED, source=f"127.0.0.1:{port}") for port in range(200)]
        stderr = waiting(f'  File "{WORK}/producer.py", line 3 in <module>')
        made = evidence(source, stderr, exit=Exit("timed_out"), requests=tuple(requests))
        found = ended(made)
        assert "made 200 producers one after the other at line 2" in found.seen
        assert "Make one producer before the loop" in found.advice
        few = dataclasses.replace(made, requests=tuple(requests[:4]))
        assert "The loop that begins at line 1" in ended(few).seen


class TestSilence:
    def test_a_coroutine_that_nothing_runs(self) -> None:
        stderr = f"{WORK}/producer.py:13: RuntimeWarning: coroutine 'main' was never awaited\n  main()\n"
        found = silent(evidence(b"async def main():\n    pass\n\nmain()\n", stderr))
        assert "`main()` makes a coroutine, and nothing runs it. See line 4" in found.seen
        assert "`asyncio.run(main())`" in found.advice

    def test_a_coroutine_within_another(self) -> None:
        stderr = "x.py:3: RuntimeWarning: coroutine 'AIOKafkaProducer.send_and_wait' was never awaited\n"
        source = b"async def main():\n    p.send_and_wait('t', b'')\n    x = send_and_wait()\n"
        assert "Write `await` before it" in silent(evidence(source, stderr)).advice

    def test_a_guard_that_is_never_true(self) -> None:
        source = b'def main():\n    p.send("t", b"")\n\nif __name__ == "main":\n    main()\n'
        assert '`__name__` is never "main"' in silent(evidence(source, traffic=Traffic())).seen

    def test_a_function_that_nothing_calls(self) -> None:
        found = silent(evidence(b'def greet(text):\n    p.send("t", text)\n', traffic=Traffic()))
        assert "`greet()` sends, and nothing calls it. It begins at line 1" in found.seen
        assert "`greet(…)`" in found.advice

    def test_no_line_that_sends(self) -> None:
        assert (
            "No line of the program sends anything."
            == silent(evidence(b"p = KafkaProducer()\np.flush()\n")).seen
        )

    def test_an_exception_that_may_be_hidden(self) -> None:
        source = b"try:\n    p.send('t', b'')\nexcept Exception:\n    pass\np.flush()\n"
        found = silent(evidence(source))
        assert "line 3 of `producer.py`: `except Exception:` hides every exception" in found.seen

    def test_a_handler_that_raises_again_hides_nothing(self) -> None:
        source = b"try:\n    p.send('t', b'')\nexcept Exception:\n    raise\np.flush()\n"
        assert "unseen" not in silent(evidence(source)).seen

    def test_a_transaction_left_open(self) -> None:
        made = evidence(b"p.begin_transaction()\np.send('t', b'')\n", open_transactions=("test_topic-1",))
        assert "never committed; it was begun at line 1" in silent(made).seen

    def test_what_the_broker_refused(self) -> None:
        part = PartitionRequest("test_topic", 0, 80, "MESSAGE_TOO_LARGE")
        made = evidence(
            b"p.send('t', b'')\np.flush()\n", requests=(dataclasses.replace(PRODUCED, parts=(part,)),)
        )
        assert "The broker refused the record for `test_topic`: MESSAGE_TOO_LARGE." == silent(made).seen

    def test_nothing_was_recognised_and_no_connection_was_made(self) -> None:
        assert (
            "opened no connection"
            in silent(evidence(b"p.send('t', b'')\np.flush()\n", traffic=Traffic())).seen
        )

    def test_nothing_was_recognised_and_no_record_was_sent(self) -> None:
        assert "sent it no record" in silent(evidence(b"p.send('t', b'')\np.flush()\n")).seen

    def test_what_cannot_be_known_is_not_said(self) -> None:
        made = evidence(b"p.send('t', b'')\np.flush()\n", traffic=None, request_log=False)
        assert "" == silent(made).seen
        assert silent(made).advice

    def test_a_program_that_ends_at_once(self) -> None:
        made = evidence(b"import os\np.send('t', b'')\nos._exit(0)\n")
        assert "`os._exit()` ends the program at once" in silent(made).seen
        assert silent(made) == diagnosis.left_to_chance(dataclasses.replace(made, records=(STORED,)))

    def test_a_program_that_waits_and_then_leaves_at_once_leaves_nothing_to_chance(self) -> None:
        made = evidence(b"import os\np.send('t', b'')\np.flush()\nos._exit(0)\n", records=(STORED,))
        assert None is diagnosis.left_to_chance(made)

    @pytest.mark.parametrize(
        "source",
        [
            "def late(*_):\n    os._exit(9)\nsignal.signal(SIGALRM, late)\np.produce('t', b'')\n",
            "try:\n    p.send('t', b'')\nexcept KafkaError:\n    os._exit(1)\n",
            "p.produce('t', b'')\nwhile not r:\n    p.poll(0.2)\nos._exit(0)\n",
        ],
        ids=["in a signal's handler", "in an error's handler", "behind a loop that polls"],
    )
    def test_an_exit_at_once_that_is_not_come_to_leaves_nothing_to_chance(self, source: str) -> None:
        assert None is diagnosis.left_to_chance(evidence(source.encode(), records=(STORED,)))


class TestLoss:
    def lost(self, source: bytes, stderr: str = "", *, acks: int | None = -1, **more: Any) -> Feedback:
        stalled = Scenario(name="stalled", title="late", topics=(Topic("test_topic", 5),), fault=Stall(4.5))
        traffic = Traffic(connections=2, stall="dropped", fault_reached=True)
        held = evidence(source, stderr, scenario=stalled, traffic=traffic, **more)
        requests = () if acks is None else (dataclasses.replace(PRODUCED, acks=acks),)
        return diagnosis.why_it_was_lost(held, evidence(source, records=(STORED,), requests=requests))

    def test_nothing_waits(self) -> None:
        found = self.lost(SENDS)
        assert "nothing in it waits for delivery" in found.seen
        assert "`producer.flush()`" in found.advice

    def test_several_records_are_spoken_of_as_several(self) -> None:
        held = evidence(SENDS, scenario=Scenario(name="stalled", title="late", topics=(), fault=Stall(4.5)))
        found = diagnosis.why_it_was_lost(held, evidence(SENDS, records=(STORED, STORED)))
        assert "ended while records were still on their way: nothing" in found.seen

    def test_what_the_exit_hook_prints_is_not_the_cause(self) -> None:
        stderr = (
            "Exception ignored in atexit callback: <function f at 0x1>\nTraceback (most recent call last):\n"
            "kafka.errors.KafkaTimeoutError: KafkaTimeoutError: Timeout waiting for future\n"
        )
        assert "nothing in it waits" in self.lost(SENDS, stderr).seen

    def test_acks_zero_is_read_from_the_request_and_comes_first(self) -> None:
        found = self.lost(b"p = KafkaProducer(acks=0)\np.send('t', b'')\np.flush()\n", acks=0)
        assert "sent with acks=0, so that nothing waited for the broker. It is set at line 1" in found.seen

    def test_acks_in_the_source_alone_prove_nothing(self) -> None:
        assert "acks=0" not in self.lost(b"p = KafkaProducer(acks=0)\np.send('t', b'')\n", acks=-1).seen

    def test_sleeping_is_not_waiting(self) -> None:
        found = self.lost(b"import time\np.send('t', b'')\ntime.sleep(2)\n")
        assert "waited for a time and not for the broker, at line 3" in found.seen

    def test_giving_up_with_an_exception(self) -> None:
        stderr = (
            f"{HEADER}{own(1)}\n{library('kafka/producer/future.py', 105, 'get')}\n"
            "kafka.errors.KafkaTimeoutError: KafkaTimeoutError: Timeout after waiting for 1 secs.\n"
        )
        found = self.lost(b"p.send('t', b'').get(timeout=1)\n", stderr, exit=Exit("exited", 1))
        assert "gave up waiting for the broker after 1 s at line 1" in found.seen

    def test_giving_up_in_silence(self) -> None:
        found = self.lost(b"try:\n    p.flush(timeout=1)\nexcept Exception:\n    pass\n")
        assert "did not wait long enough for the broker, at line 2" in found.seen

    @pytest.mark.parametrize(
        ("source", "advice"),
        [
            (b"from confluent_kafka import Producer\n", "`produce()` only puts"),
            (b"from aiokafka import AIOKafkaProducer\n", "`await producer.send_and_wait(…)`"),
        ],
    )
    def test_each_client_has_its_own_cure(self, source: bytes, advice: str) -> None:
        assert advice in self.lost(source).advice

    def test_the_clients_own_word_that_messages_were_under_way(self) -> None:
        stderr = (
            "%4|1795480991.899|TERMINATE|rdkafka#producer-1| [thrd:app]: Producer terminating with "
            "2 messages (26 bytes) still in queue or transit: use flush() to wait for outstanding message "
            "delivery\n"
        )
        made = evidence(b"from confluent_kafka import Producer\np.flush(1)\n", stderr)
        found = diagnosis.left_to_chance(made)
        assert found is not None
        assert "2 messages were still on the way" in found.seen
        assert "line 2 of" in found.seen

    def test_a_flush_before_the_loop(self) -> None:
        source = b"p.flush()\nfor n in range(10):\n    p.send('t', b'')\n"
        found = self.lost(source)
        assert "flushes before its first send, at line 1 of `producer.py`: `p.flush()`" in found.seen

    @pytest.mark.parametrize(
        "source", [b"def end():\n    p.flush()\np.send('t', b'')\nend()\n", b"p.send('t', b'')\np.flush()\n"]
    )
    def test_a_flush_that_may_come_after_the_loop_is_not_blamed(self, source: bytes) -> None:
        assert "before its first send" not in self.lost(source).seen

    def test_a_program_that_waits_in_a_way_unknown_gets_the_general_answer(self) -> None:
        assert "still on its way" in self.lost(b"p.send('t', b'')\nfile.close()\n").seen


class TestRemarks:
    def test_an_address_written_outright(self) -> None:
        made = evidence(b'p = KafkaProducer(bootstrap_servers="localhost:9092")\n')
        (remark,) = diagnosis.remark_on_address(made)
        assert "written outright, at line 1" in remark

    @pytest.mark.parametrize(
        ("source", "said"),
        [
            (b'p = KafkaProducer(bootstrap_servers="localhost")\n', "written outright, at line 1"),
            (b"\np = KafkaProducer()\n", "left to dial `localhost:9092` by itself, at line 2"),
            (b"p = AIOKafkaProducer(acks=1)\n", "left to dial `localhost:9092` by itself, at line 1"),
        ],
    )
    def test_an_address_that_the_client_fills_in(self, source: bytes, said: str) -> None:
        (remark,) = diagnosis.remark_on_address(evidence(source))
        assert said in remark
        assert '`os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092")`' in remark

    @pytest.mark.parametrize(
        "source",
        [
            b'import os\nos.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092")\n',
            b'import os\nos.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost")\n',
            b'p = KafkaProducer(**{"bootstrap_servers": os.environ["KAFKA_BOOTSTRAP_SERVERS"]})\n',
            b'p = KafkaProducer(bootstrap_servers="localhost:19092")\n',
            b'"""Talks to localhost:9092."""\n',
        ],
    )
    def test_a_default_and_a_docstring_are_no_reason_to_remark(self, source: bytes) -> None:
        assert [] == list(diagnosis.remark_on_address(evidence(source)))

    def test_a_long_sleep_that_got_through(self) -> None:
        made = evidence(b"import time\np.send('t', b'')\ntime.sleep(8)\n", records=(STORED,))
        (remark,) = diagnosis.remark_on_waiting(made)
        assert "waits for a time and not for the broker, at line 3" in remark

    @pytest.mark.parametrize(
        "wait",
        [
            b"p.flush()",
            b"p.send('t', b'').get(timeout=10)",
            b"with KafkaProducer() as p: pass",
            b"atexit.register(p.close)",
        ],
    )
    def test_a_sleep_beside_real_waiting_is_nobodys_business(self, wait: bytes) -> None:
        made = evidence(b"import time\ntime.sleep(1)\n" + wait + b"\n", records=(STORED,))
        assert [] == list(diagnosis.remark_on_waiting(made))


EXITS = st.sampled_from(
    [
        Exit("exited", 0),
        Exit("exited", 1),
        Exit("exited", 2),
        Exit("timed_out"),
        Exit("output_limit"),
        Exit("out_of_memory", 1),
        Exit("signalled", None, "SIGSEGV"),
        Exit("not_started"),
    ]
)
PIECES = st.sampled_from(
    [
        "Traceback (most recent call last):\n",
        f'  File "{WORK}/producer.py", line 3, in <module>\n',
        f'  File "{WORK}/producer.py", line 99999999999999999999, in <module>\n',
        f'  File "{WORK}/producer.py", line 2\n',
        "Current thread 0x1 (most recent call first):\n",
        "During handling of the above exception, another exception occurred:\n",
        "Exception ignored in: <x>\n",
        "KafkaTimeoutError: Timeout after waiting for ..1 secs.\n",
        "TypeError: Unsupported type for serialized value: <class ''>\n",
        "ValueError: Unrecognized configs: {}\n",
        "NameError: name 'x' is not defined\n",
        "IndexError\n",
        "KafkaTimeoutError: Unable to bootstrap from []\n",
        "%4|TERMINATE|x: Producer terminating with 9 messages (1 bytes) still in queue or transit\n",
        "x: error: \n",
        "\x00\ufffd\n",
    ]
)
SOURCES = st.one_of(
    st.binary(max_size=60),
    st.sampled_from(
        [
            SENDS,
            b"",
            b"\xff\xfe\x00",
            b"p.get(timeout=1e999)\np.flush(-1)\nx = '\\d'\n",
            b"with a: pass\nwhile 1:\n  sleep(1)\n",
            b"KafkaProducer(acks='0', **{})\nsys.exit(f'{1}')\n",
        ]
    ),
)


@given(SOURCES, st.lists(PIECES, max_size=8), EXITS, st.booleans())
@settings(max_examples=100)
def test_whatever_a_program_prints_and_is_the_causes_can_be_told(
    source: bytes, pieces: list[str], end: Exit, seen: bool
) -> None:
    made = evidence(source, "".join(pieces), exit=end, request_log=seen, traffic=Traffic() if seen else None)
    for found in (ended(made), silent(made), diagnosis.why_it_was_lost(made, made)):
        assert isinstance(found, Feedback)
    list(diagnosis.remark_on_address(made))
    list(diagnosis.remark_on_waiting(made))


@pytest.mark.parametrize("table", [diagnosis.ENDED_BADLY, diagnosis.NOTHING_ARRIVED, diagnosis.LOST])
def test_no_recogniser_speaks_of_a_program_without_fault(table: tuple[Recogniser, ...]) -> None:
    source = b'with KafkaProducer() as p:\n    p.send("test_topic", b"Hello, Kafka!").get(timeout=10)\n'
    made = evidence(
        source, records=(STORED,), requests=(PRODUCED,), traffic=Traffic(connections=2, requests={0: 1})
    )
    last_words = {"unexplained", "ended_before"}
    spoke = {each.__name__ for each in table if each(Case(made)) is not None}
    assert set() == spoke - last_words


@pytest.mark.parametrize(
    "source",
    [
        b"x = " + b"(" * 300 + b")" * 300,
        b"x = " + b"+".join([b"1"] * 3_000),
        b"with " + b"-" * 3_000 + b"x: 0",
    ],
)
def test_a_source_nested_deep_does_no_harm(source: bytes) -> None:
    made = evidence(source)
    assert isinstance(silent(made), Feedback)
    assert isinstance(diagnosis.why_it_was_lost(made, made), Feedback)


def test_every_recogniser_says_in_its_docstring_what_it_recognises() -> None:
    tables = (*diagnosis.ENDED_BADLY, *diagnosis.NOTHING_ARRIVED, *diagnosis.LOST)
    first_lines = {each.__name__: (each.__doc__ or "").partition("\n")[0] for each in tables}
    assert [] == [name for name, line in first_lines.items() if not line.endswith(".")]
