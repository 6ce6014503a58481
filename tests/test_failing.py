"""Expectations on programs that cannot do what they are asked, and on those that find no broker."""

import dataclasses
from collections.abc import Callable
from typing import Any

import pytest

from grader import expect
from grader.diagnosis import logs
from grader.diagnosis.case import Case
from grader.expect import Failure
from grader.model import Evidence, Exit, Feedback, Record, Request, Run, Scenario, Submission, Topic, Traffic

TOPIC = "orders-asia"
SEND = b"""\
import sys
from kafka import KafkaProducer
producer = KafkaProducer(bootstrap_servers=servers)
try:
    producer.send(topic, message).get(timeout=10)
except KafkaError as error:
    print(error, file=sys.stderr)
"""
STACK = """\
Fatal Python error: Aborted

Current thread 0x00007fe985bbcb80 (most recent call first):
  File "/usr/lib/python3.11/threading.py", line 629 in wait
  File "/venv/lib/python3.11/site-packages/kafka/producer/kafka.py", line 1051 in {function}
  File "/run-1/work/producer.py", line 5 in <module>
"""
TRACEBACK = """\
Traceback (most recent call last):
  File "/run-1/work/producer.py", line 5, in <module>
    producer.send(topic, message).get(timeout=10)
  File "/venv/lib/python3.11/site-packages/kafka/producer/kafka.py", line 930, in send
    raise KafkaTimeoutError()
kafka.errors.KafkaTimeoutError: KafkaTimeoutError: Failed to update metadata after 5.0 secs.
"""
CLIENT_LOGS = (
    "%3|1795489375.956|FAIL|rdkafka#producer-1| [thrd:127.0.0.1:9/bootstrap]: 127.0.0.1:9/bootstrap: refused",
    "ERROR:rd:FAIL [rdkafka#producer-1] [thrd:127.0.0.1:9/bootstrap]: Connect to ipv4#127.0.0.1:9 failed",
    "Topic orders-asia not found in cluster metadata",
    "ERROR:aiokafka.cluster:Topic orders-asia not found in cluster metadata",
    "2026-11-24 ERROR kafka.cluster Topic orders-asia not found in cluster metadata",
    "Unable connect to \"127.0.0.1:9\": [Errno 111] Connect call failed ('127.0.0.1', 9)",
    "ERROR:aiokafka:Unable connect to \"127.0.0.1:9\": [Errno 111] Connect call failed ('127.0.0.1', 9)",
    "INFO:kafka.net.manager:Attempting bootstrap to bootstrap-0 at 127.0.0.1:9 (rack None)",
)
OWN_LINES = (
    "Nothing was stored in orders-asia: KafkaTimeoutError: Failed to update metadata after 5.0 secs.",
    "<class 'kafka.errors.KafkaTimeoutError'> orders-asia 127.0.0.1:9",
    "cannot connect: Unable to bootstrap from [('127.0.0.1', 9, <AddressFamily.AF_INET: 2>)] for orders-asia",
    'ERROR:root:the topic "orders-asia" is not there, nor is 127.0.0.1:9',
)


def evidence(source: bytes = SEND, *, stdout: str = "", stderr: str = "", **more: Any) -> Evidence:
    """Make evidence of a run that stored nothing and ended with exit code 1."""
    run = Run(
        exit=more.pop("exit", Exit("exited", 1)),
        stdout=stdout.encode(),
        stderr=stderr.encode(),
        duration_s=more.pop("duration_s", 5.4),
        wall_limit_s=more.pop("wall_limit_s", 20.0),
    )
    scenario = Scenario(
        name="missing",
        title="the topic does not exist",
        topics=(Topic("orders-eu"),),
        args=(TOPIC, "hello"),
        wall_limit_s=20.0,
    )
    made = Evidence(
        submission=Submission("06_error_handling", {"producer.py": source}, "0" * 64),
        scenario=scenario,
        run=run,
        records=(),
        requests=(),
        topics={"orders-eu": 3},
        bootstrap_servers="127.0.0.1:41000",
        traffic=Traffic(connections=2),
    )
    return dataclasses.replace(made, **more)


def feedback_of(expectation: Callable[..., None], *arguments: object) -> Feedback:
    with pytest.raises(Failure) as caught:
        expectation(*arguments)
    return caught.value.feedback


def names_topic(line: str) -> bool:
    return TOPIC in line


class TestGivesUpWithin:
    @pytest.mark.parametrize("duration_s", [0.3, 14.9])
    def test_in_time(self, duration_s: float) -> None:
        expect.gives_up_within(evidence(duration_s=duration_s), 15)

    def test_late(self) -> None:
        said = feedback_of(expect.gives_up_within, evidence(duration_s=16.52), 15)
        assert said.seen == "The program took 16.5 s to give up."
        assert said.expected == "The program gives up, and has ended by itself within 15 s."

    def test_a_slow_machine_gets_more_time_to_start_the_program(self) -> None:
        expect.gives_up_within(evidence(duration_s=19.9, wall_limit_s=40.0), 15)

    @pytest.mark.parametrize("wall_limit_s", [40.0, 60.0])
    def test_what_a_client_waits_by_itself_is_too_long_on_any_machine(self, wall_limit_s: float) -> None:
        with pytest.raises(Failure):
            expect.gives_up_within(evidence(duration_s=30.4, wall_limit_s=wall_limit_s), 15)

    def test_tries_that_each_wait_are_named(self) -> None:
        source = b"for attempt in range(3):\n    producer.send(topic, message).get(timeout=10)\n"
        said = feedback_of(expect.gives_up_within, evidence(source, duration_s=18), 15)
        assert "Each turn of the loop that begins at line 1 of `producer.py`" in said.seen

    def test_send_still_waits_for_the_topic(self) -> None:
        stderr = STACK.format(function="_wait_on_metadata")
        said = feedback_of(expect.gives_up_within, evidence(stderr=stderr, exit=Exit("timed_out")), 15)
        assert said.seen.startswith("The program was still running after 20 s. send() was waiting to learn")
        assert "line 5 of `producer.py`" in said.seen
        assert "max_block_ms=10_000" in said.advice

    def test_a_loop_without_end_is_named(self) -> None:
        source = (
            b"\n\nwhile True:\n    try:\n        producer.send(topic, message)\n    except E:\n        pass\n"
        )
        stderr = STACK.format(function="_wait_on_metadata")
        said = feedback_of(
            expect.gives_up_within, evidence(source, stderr=stderr, exit=Exit("timed_out")), 15
        )
        assert "The loop that begins at line 3 of `producer.py`, `while True:`, had not come" in said.seen

    @pytest.mark.parametrize(
        ("client", "setting"),
        [
            (b"import confluent_kafka", "message.timeout.ms"),
            (b"import aiokafka", "request_timeout_ms"),
            (b"import kafka", "bootstrap_timeout_ms"),
        ],
    )
    def test_the_setting_is_that_of_the_client(self, client: bytes, setting: str) -> None:
        said = feedback_of(expect.gives_up_within, evidence(client, exit=Exit("timed_out")), 15)
        assert setting in said.advice

    def test_a_producer_that_holds_up_the_end_is_named(self) -> None:
        stderr = "Fatal Python error: Aborted\n\nCurrent thread 0x1 (…):\n  Garbage-collecting\n"
        said = feedback_of(expect.gives_up_within, evidence(stderr=stderr, exit=Exit("timed_out")), 15)
        assert "a producer that was never closed" in said.seen

    def test_a_signal_is_no_giving_up(self) -> None:
        ended = evidence(exit=Exit("signalled", signal="SIGSEGV"))
        assert "The signal SIGSEGV" in feedback_of(expect.gives_up_within, ended, 15).seen


class TestExitCodeTells:
    @pytest.mark.parametrize("code", [1, 2, 255])
    def test_a_code_other_than_0(self, code: int) -> None:
        expect.exit_code_tells(evidence(exit=Exit("exited", code)))

    @pytest.mark.parametrize(
        ("source", "seen", "advice"),
        [
            (
                b"try:\n    f()\nexcept Exception:\n    pass\n",
                "The error is hidden, at line 3",
                "sys.exit(1)",
            ),
            (SEND, "After the error is caught, at line 6", "`sys.exit(1)`"),
            (b"sys.exit(256)\n", "It ends with 256, at line 1", "a number from 1 to 255"),
            (
                b"try:\n    f()\nexcept E:\n    sys.exit(0)\n",
                "It is ended as if all were well, at line 4",
                "sys.exit(1)",
            ),
            (
                b"def main():\n    try:\n        f()\n    except E:\n        return 1\nmain()\n",
                "`main()` returns an exit code, and nothing uses it. See line 6",
                "`sys.exit(main())`",
            ),
            (
                b"producer.send(t, v)\nproducer.flush()\n",
                "Nothing in the program looks at the result",
                "get(",
            ),
            (
                b"from confluent_kafka import Producer\np.produce(t, v)\np.flush()\n",
                "Nothing in the program looks at the result",
                "on_delivery",
            ),
            (b"p.send(t, v).get(timeout=10)\n", "The program ended with exit code 0.", "sys.exit(1)"),
        ],
    )
    def test_why_it_is_0(self, source: bytes, seen: str, advice: str) -> None:
        said = feedback_of(expect.exit_code_tells, evidence(source, exit=Exit("exited", 0)))
        assert said.seen.startswith("The program ended with exit code 0.")
        assert seen in said.seen
        assert advice in said.advice

    def test_what_was_stored_all_the_same_is_named(self) -> None:
        source = b"producer = KafkaProducer(bootstrap_servers='localhost:9092')\n"
        record = Record("orders-eu", 2, 17, 1, None, b"hello")
        said = feedback_of(
            expect.exit_code_tells, evidence(source, exit=Exit("exited", 0), records=(record,))
        )
        assert "`hello` is stored at orders-eu-2@17" in said.seen
        assert "written outright at line 1" in said.seen

    def test_nothing_is_heard_without_acknowledgements(self) -> None:
        request = Request("PRODUCE", 13, "p", "kafka-python 3.0.12", "127.0.0.1:2", 1, acks=0)
        said = feedback_of(expect.exit_code_tells, evidence(exit=Exit("exited", 0), requests=(request,)))
        assert "It sent with acks=0" in said.seen

    def test_a_topic_that_was_made_is_named(self) -> None:
        record = Record(TOPIC, 0, 0, 1, None, b"hello")
        said = feedback_of(expect.exit_code_tells, evidence(exit=Exit("exited", 0), records=(record,)))
        assert (
            said.advice == "That `orders-asia` is missing is to be told, and not to be mended by making it."
        )


class TestStderrNames:
    @pytest.mark.parametrize("line", OWN_LINES)
    def test_a_line_of_its_own(self, line: str) -> None:
        expect.stderr_names(evidence(stderr=f"begin\n{line}\nend\n"), "the topic", names_topic)

    @pytest.mark.parametrize("line", [each for each in CLIENT_LOGS if TOPIC in each])
    def test_a_line_of_the_client(self, line: str) -> None:
        said = feedback_of(expect.stderr_names, evidence(stderr=f"{line}\n"), "the topic", names_topic)
        assert said.seen == "Only the client's own log names the topic; the program says nothing of it."

    @pytest.mark.parametrize("record", [CLIENT_LOGS[0], *CLIENT_LOGS[6:]])
    def test_a_line_of_its_own_that_a_record_of_the_clients_fell_into(self, record: str) -> None:
        # Python writes a line's text and its end one after the other, and the client logs in a thread.
        made = evidence(stderr=f"{record}\nno topic orders-asia{record}\n\n{record}\n")
        expect.stderr_names(made, "the topic", names_topic)
        assert ["no topic orders-asia"] == logs.own_lines(made.run.stderr.decode())

    @pytest.mark.parametrize("at", range(len(TRACEBACK)))
    def test_a_traceback_that_a_record_fell_into(self, at: int) -> None:
        text = f"{TRACEBACK[:at]}{CLIENT_LOGS[0]}\n{TRACEBACK[at:]}"
        assert Case(evidence(stderr=TRACEBACK)).raised == Case(evidence(stderr=text)).raised

    @pytest.mark.parametrize("line", [each for each in CLIENT_LOGS if "127.0.0.1:9" in each])
    def test_an_address_in_a_line_of_the_client(self, line: str) -> None:
        with pytest.raises(Failure):
            expect.stderr_names(evidence(stderr=line), "the address", lambda each: "127.0.0.1:9" in each)

    def test_a_line_on_stdout(self) -> None:
        made = evidence(stdout="no topic orders-asia\n", stderr="failed\n")
        said = feedback_of(expect.stderr_names, made, "the topic", names_topic)
        assert said.seen.startswith("The line `no topic orders-asia` is on stdout, where results go")

    def test_a_line_that_does_not_name_it(self) -> None:
        made = evidence(stderr=f"Failed to update metadata after 5.0 secs.\n{CLIENT_LOGS[0]}\n")
        said = feedback_of(expect.stderr_names, made, "the topic", names_topic)
        assert "`Failed to update metadata after 5.0 secs.`; it does not name the topic." in said.seen

    def test_nothing(self) -> None:
        said = feedback_of(expect.stderr_names, evidence(), "the topic", names_topic)
        assert said.seen == "There is nothing of the program's own on stderr."


class TestNoTraceback:
    def test_of_the_program(self) -> None:
        said = feedback_of(expect.no_traceback, evidence(stderr=TRACEBACK))
        assert "Under “the topic does not exist” the program printed a traceback" in said.seen
        assert "line 5 of `producer.py`" in said.seen
        assert "except KafkaTimeoutError as error" in said.advice

    def test_that_was_logged(self) -> None:
        source = SEND.replace(b"print(error, file=sys.stderr)", b"logging.exception('failed')")
        said = feedback_of(expect.no_traceback, evidence(source, stderr=TRACEBACK))
        assert said.advice.startswith("Log it without its traceback: `logging.error(…)`. See line 7")

    @pytest.mark.parametrize(
        "stderr",
        [
            "",
            "KafkaTimeoutError: Failed to update metadata\n",
            STACK.format(function="get"),
            TRACEBACK.replace("/run-1/work/producer.py", "/venv/lib/python3.11/site-packages/kafka/x.py"),
            f"Exception ignored in: <function KafkaProducer.__del__>\n{TRACEBACK}",
        ],
    )
    def test_words_the_client_s_own_and_the_end_by_the_limit_are_none(self, stderr: str) -> None:
        expect.no_traceback(evidence(stderr=stderr))


class TestContactMade:
    def made(self, source: bytes, connections: int = 0, **more: Any) -> Evidence:
        scenario = Scenario(
            name="cluster", title="two are dead", topics=(), brokers=3, contacts=(None, 1, 2, None)
        )
        given = "127.0.0.1:1,127.0.0.1:2,127.0.0.1:3,127.0.0.1:4"
        traffic = Traffic(connections=connections)
        return evidence(source, scenario=scenario, bootstrap_servers=given, traffic=traffic, **more)

    @pytest.mark.parametrize(
        ("source", "seen"),
        [
            (b'first = servers.split(",")[0]\n', "It dials one of them alone, at line 1"),
            (b'last = servers.rsplit(",")[-1]\n', "It dials one of them alone, at line 1"),
            (
                b'KafkaProducer(bootstrap_servers=[os.environ["K"]])\n',
                "takes the list for one address, at line 1",
            ),
        ],
    )
    def test_why_none_was_reached(self, source: bytes, seen: str) -> None:
        said = feedback_of(expect.contact_made, self.made(source))
        assert said.seen.startswith("The program reached none of its 4 addresses, of which 2 live.")
        assert seen in said.seen

    def test_one_was_reached(self) -> None:
        expect.contact_made(self.made(b'first = servers.split(",")[1]\n', connections=1))

    def test_a_program_that_never_dialled_is_another_s_to_explain(self) -> None:
        expect.contact_made(self.made(b"print()\n", exit=Exit("exited", 0)))
