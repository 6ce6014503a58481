"""What is said of a run in which the leader died, judged from evidence made by hand."""

import json
from collections.abc import Callable, Sequence

import pytest

from grader import expect
from grader.expect import Failure
from grader.model import (
    Evidence,
    Exit,
    Feedback,
    LeaderKilled,
    Moment,
    Record,
    Request,
    Run,
    Scenario,
    Submission,
    Topic,
)

REVIEWS = expect.Lines(
    topic="reviews", noun="review", identity="review_id", key="product_id", owner="product"
)
LINES = [{"review_id": f"r-{number}", "product_id": f"p-{number % 2}", "rating": 3} for number in range(6)]
FILE, ACKED = "reviews.jsonl", "acked.txt"
ALL = tuple(range(6))
KILLED = LeaderKilled(2, 3)
IDEMPOTENT = ("INIT_PRODUCER_ID", "PRODUCE")


def record(number: int, offset: int) -> Record:
    line = LINES[number]
    value = json.dumps(line).encode()
    return Record("reviews", number % 2, offset, 1, str(line["product_id"]).encode(), value)


def ids(numbers: Sequence[int], end: str = "\n") -> bytes:
    return "".join(f"r-{number}{end}" for number in numbers).encode()


def client_of(software: str) -> str:
    return "some" if software else "aiokafka-producer-1"


def run_of(  # noqa: PLR0913 - what differs between runs, each by name
    stored: Sequence[int] = ALL,
    acked: bytes | None = ids(ALL),
    *,
    acks: int = -1,
    apis: Sequence[str] = IDEMPOTENT,
    software: str = "kafka-python 3.0.12",
    moments: tuple[Moment, ...] = (),
    exit_code: int = 0,
    source: str = "",
    fault: LeaderKilled | None = KILLED,
) -> Evidence:
    scenario = Scenario(
        name="behind",
        title="",
        topics=(Topic("reviews", 2),),
        args=(FILE, ACKED),
        files={FILE: "".join(f"{json.dumps(line)}\n" for line in LINES).encode()},
        fault=fault,
        brokers=3,
        collect=(ACKED,),
    )
    files = {} if acked is None else {ACKED: acked}
    return Evidence(
        submission=Submission("08_no_review_lost", {"producer.py": source.encode()}, ""),
        scenario=scenario,
        run=Run(Exit("exited", exit_code), b"", b"", 1.0, 60.0, files=files),
        records=tuple(record(number, offset) for offset, number in enumerate(stored)),
        requests=tuple(
            Request(api, 9, client_of(software), software, "127.0.1.1:1", 2, acks=acks) for api in apis
        ),
        topics={"reviews": 2},
        bootstrap_servers="127.0.0.1:1",
        moments=moments,
    )


def moment(acked: bytes, stored: Sequence[int]) -> Moment:
    return Moment("right before", {ACKED: acked}, tuple(record(each, at) for at, each in enumerate(stored)))


def failure(check: Callable[[Evidence, expect.Lines], None], evidence: Evidence) -> Feedback:
    with pytest.raises(Failure) as caught:
        check(evidence, REVIEWS)
    return caught.value.feedback


class TestTheFile:
    @pytest.mark.parametrize(
        "content",
        [ids(ALL), ids(ALL[::-1]), ids(ALL, "\r\n"), ids(ALL)[:-1], ids(ALL) + ids((0,)), b"\n" + ids(ALL)],
        ids=["plain", "backwards", "windows", "no newline at the end", "one twice", "an empty line"],
    )
    def test_every_id_in_any_order_is_enough(self, content: bytes) -> None:
        expect.acked_names_all(run_of(acked=content), REVIEWS)

    def test_one_that_is_not_there(self) -> None:
        found = failure(expect.acked_names_all, run_of(acked=None))
        assert "There is no file `acked.txt` when the program has ended." == found.seen
        assert "sys.argv[2]" in found.advice

    def test_one_id_again_and_again_is_a_variable_looked_up_too_late(self) -> None:
        found = failure(
            expect.acked_names_all,
            run_of(acked=ids((1, 5, 5, 5, 5, 5)), source="f.add_callback(lambda m: out.write(review_id))\n"),
        )
        assert found.seen.endswith("the first of them `r-0` (line 1). `r-5` stands there 5 times.")
        assert "See line 1 of `producer.py`" in found.advice

    def test_lines_that_are_no_ids(self) -> None:
        found = failure(expect.acked_names_all, run_of(acked=b'"r-0"\n"r-1"\n'))
        assert '2 of 2 lines are no `review_id`, such as `"r-0"`.' == found.seen

    def test_ids_that_are_missing_although_their_reviews_are_stored(self) -> None:
        found = failure(expect.acked_names_all, run_of(acked=ids((0, 1, 2, 3))))
        assert (
            "2 of 6 reviews are not in `acked.txt`, the first of them `r-4` (line 5). "
            "2 of them are stored all the same." == found.seen
        )
        assert "Wait for every record" in found.advice

    def test_ids_that_are_missing_with_their_reviews(self) -> None:
        found = failure(expect.acked_names_all, run_of(stored=(0, 1, 2, 3, 4), acked=ids((0, 1, 2, 3, 4))))
        assert "Each line of the file is to be sent" in found.advice


class TestAcknowledgedIsStored:
    def test_what_is_named_and_stored_is_fine(self) -> None:
        expect.acked_are_stored(run_of(moments=(moment(ids((0, 1)), (0, 1, 2)),)), REVIEWS)
        expect.acked_are_stored(run_of(acked=b""), REVIEWS)

    def test_the_last_line_of_a_file_that_is_being_written_may_be_half_an_id(self) -> None:
        expect.acked_are_stored(run_of(moments=(moment(b"r-0\nr-", (0,)),)), REVIEWS)

    def test_an_id_before_its_time_in_mid_run(self) -> None:
        early = run_of(moments=(moment(ids((0, 1, 2)), (0,)),), source="acked.write(review['review_id'])\n")
        found = failure(expect.acked_are_stored, early)
        assert found.seen.startswith(
            "Of 3 ids in `acked.txt` right before, 2 were not stored on all in-sync replicas, `r-1` for one."
        )
        assert "Write an id when the broker has acknowledged the record" in found.advice
        assert "producer.py, line 1" in found.advice or "line 1" in found.advice

    def test_the_leaders_word_alone(self) -> None:
        found = failure(expect.acked_are_stored, run_of(stored=(0, 1), acks=1))
        assert "when all was over, 4 were not stored" in found.seen
        assert "acks=1" in found.seen
        assert 'acks="all"' in found.advice


class TestLost:
    def test_nothing_lost(self) -> None:
        expect.none_lost(run_of(stored=(*ALL, 0)), REVIEWS)

    @pytest.mark.parametrize(
        ("software", "advice"),
        [
            ("kafka-python 3.0.12", "or leave `acks` out"),
            ("confluent-kafka-python 2.1-librdkafka", '"acks": "all"'),
            ("", "aiokafka's default is 1"),
        ],
    )
    def test_what_the_leader_alone_had(self, software: str, advice: str) -> None:
        lost = run_of(
            stored=(0, 1), acks=1, software=software, moments=(moment(b"", ()),), source="p(acks=1)\n"
        )
        found = failure(expect.none_lost, lost)
        assert found.seen.startswith(
            "4 of 6 reviews are not stored after broker 2, the leader, was killed, the first of them line 3."
        )
        assert "4 of them had been acknowledged." in found.seen
        assert advice in found.advice

    def test_acks_0(self) -> None:
        assert "acks=0: no broker says" in failure(expect.none_lost, run_of(stored=(0,), acks=0)).seen

    def test_who_does_not_wait(self) -> None:
        found = failure(expect.none_lost, run_of(stored=(0,), acked=b""))
        assert "The program had ended before they were acknowledged." in found.seen

    def test_what_was_never_sent_is_told_where_nothing_goes_wrong(self) -> None:
        found = failure(expect.none_lost, run_of(stored=(0, 1), acks=1, fault=None))
        assert found.seen == (
            "4 of 6 reviews are not stored, the first of them line 3. One review of each product did arrive."
        )

    def test_who_forbids_the_client_to_try_again(self) -> None:
        found = failure(expect.none_lost, run_of(stored=(0,), acked=b"", source="KafkaProducer(retries=0)\n"))
        assert "The client was not to try again, at line 1" in found.seen
        assert "Leave `retries` out" in found.advice

    def test_who_gives_up(self) -> None:
        found = failure(expect.none_lost, run_of(stored=(0,), acked=b"", exit_code=3))
        assert "3" in found.seen


class TestDoubled:
    def test_each_once(self) -> None:
        expect.none_doubled(run_of(), REVIEWS)

    @pytest.mark.parametrize(
        ("software", "advice"),
        [
            ("kafka-python 3.0.12", "Leave `enable_idempotence` on"),
            ("confluent-kafka-python 2.1-librdkafka", '"enable.idempotence": True'),
            ("", "Set `enable_idempotence=True`"),
        ],
    )
    def test_without_idempotence(self, software: str, advice: str) -> None:
        found = failure(expect.none_doubled, run_of((*ALL, 4), apis=("PRODUCE",), software=software))
        assert found.seen.startswith(
            "1 of 6 reviews is stored more than once: line 5 is at reviews-0@4 and reviews-0@6."
        )
        assert "without idempotence the broker cannot tell" in found.seen
        assert advice in found.advice

    def test_by_the_programs_own_loop(self) -> None:
        found = failure(expect.none_doubled, run_of((*ALL, 4), source="while True:\n    p.send(t, v)\n"))
        assert "the program itself sent these twice" in found.seen
        assert "line 2" in found.advice


def test_order_lost_where_the_client_sent_again_without_idempotence() -> None:
    found = failure(expect.order_kept, run_of((0, 4, 2, 1, 3, 5), apis=("PRODUCE",)))
    assert "was sent again behind what followed it" in found.seen
    assert "idempotence" in found.advice
