"""What the checks of 06 and 07 read in a program's output, on evidence made by hand."""

import dataclasses
import json
from collections.abc import Sequence
from types import ModuleType
from typing import Any

import pytest

from grader import exercise
from grader.expect import Failure
from grader.model import Evidence, Exit, Feedback, Record, Request, Run, Submission, Traffic
from grader.rubric import draw_for

LEADERS = (2, 3, 3, 2, 3)
BROKERS = {1: "127.0.0.1:41001", 2: "127.0.0.1:41002", 3: "127.0.0.1:41003"}
GIVEN = "127.0.0.1:5001,127.0.0.1:5002,127.0.0.1:5003,127.0.0.1:5004"
LISTED = [{"id": node, "host": "127.0.0.1", "port": 41000 + node} for node in BROKERS]


def checks_of(name: str) -> ModuleType:
    return exercise.checks_module(exercise.FOLDER / name / "checks.py")


ERRORS, SERVERS = checks_of("06_error_handling"), checks_of("07_bootstrap_servers")


def evidence(module: ModuleType, conditions: str, *, stdout: str = "", **more: Any) -> Evidence:
    """Make evidence of a run that ended well under the conditions of an exercise."""
    scenario = getattr(module, conditions)(draw_for(1, "any"))
    made = Evidence(
        submission=Submission("any", {"producer.py": b"print()\n"}, "0" * 64),
        scenario=scenario,
        run=Run(Exit("exited", more.pop("code", 0)), stdout.encode(), more.pop("stderr", b""), 0.4, 30.0),
        records=(),
        requests=(),
        topics={topic.name: topic.partitions for topic in scenario.topics},
        bootstrap_servers="127.0.0.1:41000",
        traffic=Traffic(connections=2),
    )
    return dataclasses.replace(made, **more)


def feedback_of(check: Any, *made: Evidence) -> Feedback:
    with pytest.raises(Failure) as caught:
        check(*made)
    return caught.value.feedback


class TestSize:
    @pytest.mark.parametrize(
        "line",
        [
            "the message has 40000 bytes",
            "40,000 bytes",
            "40_000",
            "40.000 Bytes",
            "40 000 octets",
            "at 127.0.0.1:40500: 40000",
            "40'000",
            "limit 10000, message 40000",
            "The message is 40,086 bytes when serialized which is larger than the maximum request size",
            "letters (40000B)",
            "about 40 kB",
            "39.1 KiB",
            "39.06 KB",
            "39K",
            "0.04 MB",
            '{"size": 40000}',
        ],
    )
    def test_is_named(self, line: str) -> None:
        self.judge(line)

    @pytest.mark.parametrize(
        "line",
        [
            "too large",
            "limit 10000",
            "10 kB",
            "400000 bytes",
            "140,000",
            "4 MB",
            "letters at ['127.0.0.1:40500']",
            "letters at ('127.0.0.1', 40500)",
            "39999",
        ],
    )
    def test_is_not_named(self, line: str) -> None:
        with pytest.raises(Failure):
            self.judge(line)

    def judge(self, line: str) -> None:
        given = "127.0.0.1:40500"
        made = evidence(ERRORS, "too_large", stderr=f"{line}\n".encode(), bootstrap_servers=given)
        ERRORS.check_too_large_named(made)


class TestAddress:
    @pytest.mark.parametrize(
        "line", ["nobody at 127.0.0.1:41000", "host 127.0.0.1, port 41000", "[('127.0.0.1', 41000, 2)]"]
    )
    def test_is_named(self, line: str) -> None:
        ERRORS.check_unreachable_named(evidence(ERRORS, "unreachable", stderr=line.encode()))

    @pytest.mark.parametrize("line", ["nobody there", "127.0.0.1", "port 4100", "141000", "410001"])
    def test_is_not_named(self, line: str) -> None:
        with pytest.raises(Failure):
            ERRORS.check_unreachable_named(evidence(ERRORS, "unreachable", stderr=line.encode()))


class TestPlace:
    STORED = Record("orders-eu", 2, 317, 1, None, b"hello")

    def made(self, stdout: str, **more: Any) -> Evidence:
        return evidence(ERRORS, "stored", stdout=stdout, records=(self.STORED,), **more)

    @pytest.mark.parametrize(
        "stdout",
        ["orders-eu-2@317\n", "sending\norders-eu-2@317\ndone\n", "orders-eu-2@317", " orders-eu-2@317\r\n"],
    )
    def test_is_true(self, stdout: str) -> None:
        ERRORS.check_place(self.made(stdout))

    @pytest.mark.parametrize(
        ("stdout", "seen"),
        [
            ("orders-eu-317@2\n", "`orders-eu-317@2` was printed; the message is stored at orders-eu-2@317."),
            ("orders-eu-2@0\n", "`orders-eu-2@0` was printed"),
            ("orders-eu-None@None\n", "`orders-eu-None@None` was printed"),
            ("orders-eu-1@317\norders-eu-2@317\n", "2 places were printed, `orders-eu-1@317` among them"),
            ("at orders-eu-2@317\n", "The place is in the line `at orders-eu-2@317`."),
            (
                "<FutureRecordMetadata object>\n",
                "The last line on stdout is `<FutureRecordMetadata object>`.",
            ),
            ("sent\n", "No line on stdout is a place; the last is `sent`."),
            ("", "Nothing was printed to stdout."),
        ],
    )
    def test_is_not_told(self, stdout: str, seen: str) -> None:
        assert feedback_of(ERRORS.check_place, self.made(stdout)).seen.startswith(seen)

    def test_without_an_answer_it_is_made_up(self) -> None:
        request = Request("PRODUCE", 13, "p", "kafka-python 3.0.12", "127.0.0.1:2", 1, acks=0)
        said = feedback_of(ERRORS.check_place, self.made("orders-eu-2@0\n", requests=(request,)))
        assert "acks=0" in said.seen

    def test_where_nothing_is_stored(self) -> None:
        failing = [evidence(ERRORS, name) for name in ("missing", "unreachable")]
        told = evidence(ERRORS, "too_large", stdout="letters-1@20\n")
        said = feedback_of(ERRORS.check_no_false_place, *failing, told)
        assert said.seen.endswith("`letters-1@20` was printed, and nothing is stored.")


class TestBrokers:
    def made(self, stdout: str, **more: Any) -> Evidence:
        found = evidence(SERVERS, "cluster", stdout=stdout, bootstrap_servers=GIVEN, **more)
        topics = {"discovery": len(LEADERS)}
        return dataclasses.replace(found, brokers=BROKERS, leaders={"discovery": LEADERS}, topics=topics)

    def judge(self, stdout: str) -> None:
        made = self.made(stdout)
        SERVERS.check_list(made)
        SERVERS.check_every_broker(made)
        SERVERS.check_addresses(made)

    @pytest.mark.parametrize(
        "stdout",
        [
            json.dumps(LISTED),
            json.dumps(LISTED, indent=2),
            f"[main] starting\n{json.dumps(LISTED[::-1])}\n[0, 1, 2, 3, 4]\n",
            json.dumps([{**each, "rack": None, "roles": ["broker"]} for each in LISTED]),
            f"BROKERS {json.dumps(LISTED)} END",
            f'{{"brokers": {json.dumps(LISTED)}}}',
            f"{json.dumps(LISTED[:2])}\n{json.dumps(LISTED)}\n{json.dumps(LISTED[1:])}\n",
        ],
    )
    def test_are_listed(self, stdout: str) -> None:
        self.judge(stdout)

    @pytest.mark.parametrize(
        ("stdout", "seen"),
        [
            ("", "Nothing was printed to stdout."),
            (
                "\n".join(map(json.dumps, LISTED)),
                "There is no array on stdout, but 3 JSON objects, a line each.",
            ),
            (repr(LISTED), "is Python's notation and no JSON."),
            (json.dumps(list(BROKERS.values())), 'The array holds `"127.0.0.1:41001"`, which is no object.'),
            (json.dumps([{**each, "port": f"{each['port']}"} for each in LISTED]), "`port` is not a number"),
            (json.dumps([{**each, "id": f"{each['id']}"} for each in LISTED]), "`id` is not a number"),
            (json.dumps([{**each, "id": True} for each in LISTED]), "`id` is not a number"),
            (
                json.dumps(
                    [{"id": each["id"], "host": each["port"], "port": each["host"]} for each in LISTED]
                ),
                "Host and port are swapped",
            ),
            (json.dumps([{"node_id": 1, "host": "h", "port": 1}]), "An object of the array has no `id`"),
            (json.dumps([*LISTED[:2]]), "Listed are the ids 1 and 2; 3 is missing."),
            (json.dumps(LISTED[1:]), "Broker 1 is missing: it leads no partition of `discovery`."),
            (json.dumps([*LISTED, LISTED[0]]), "Broker 1 is listed 2 times."),
            (json.dumps([*LISTED, {**LISTED[0], "id": 4}]), "There is no broker 4 in the cluster"),
            (
                json.dumps(
                    [{"id": n, "host": "127.0.0.1", "port": 5000 + n} for n in (1, 2, 3, 4)],
                ),
                "What is listed are the addresses that the program was given, such as `127.0.0.1:5001`.",
            ),
            (
                json.dumps([{**LISTED[0], "port": 5002}, *LISTED[1:]]),
                "Broker 1 is listed at `127.0.0.1:5002`; it can be reached at `127.0.0.1:41001`.",
            ),
        ],
    )
    def test_are_not(self, stdout: str, seen: str) -> None:
        assert seen in feedback_of(self.judge, stdout).seen  # type: ignore[arg-type]

    def test_on_stderr(self) -> None:
        made = self.made("", stderr=json.dumps(LISTED).encode())
        assert feedback_of(SERVERS.check_list, made).seen == "The array is on stderr."

    @pytest.mark.parametrize(
        ("partitions", "seen"),
        [
            ((0, 0, 0, 0, 0), "5 records, on partition 0; `discovery` has 5 partitions."),
            ((0, 1, 2), "3 records, on the partitions 0 to 2; `discovery` has 5 partitions."),
            ((0, 1, 2, 3, 4, 4), "6 records are stored; partition 4 holds 2."),
            ((0, 2, 2, 3, 4), "5 records: partition 1 of 5 holds none, partition 2 holds 2."),
            ((0, 2, 3, 4), "4 records: partition 1 of 5 holds none."),
        ],
    )
    def test_partitions_that_are_not_filled_once(self, partitions: Sequence[int], seen: str) -> None:
        records = tuple(
            Record("discovery", each, offset, 1, None, b"x") for offset, each in enumerate(sorted(partitions))
        )
        assert feedback_of(SERVERS.check_each_partition, self.made("", records=records)).seen == seen

    def test_partitions_that_are(self) -> None:
        records = tuple(Record("discovery", each, 0, 1, None, None) for each in range(5))
        SERVERS.check_each_partition(self.made("", records=records))
