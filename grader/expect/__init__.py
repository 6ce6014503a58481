"""Expectations for `checks.py`: each returns in silence or raises `Failure` with feedback."""

from grader.expect.answers import answer, answers_read
from grader.expect.failure import Failure, fail
from grader.expect.keys import keys_name_owners
from grader.expect.lines import Lines
from grader.expect.numbered import as_many_records, each_key_once, values_not_empty
from grader.expect.partitions import one_partition, order_kept, same_partitions, several_partitions
from grader.expect.program import program_ends, remark_on_address, remark_on_waiting
from grader.expect.records import delivered, one_record, records_arrive, value_is
from grader.expect.requests import remark_on_producers, remark_on_requests
from grader.expect.values import every_line_once, values_equal_lines, values_hold_lines

__all__ = [
    "Failure",
    "Lines",
    "answer",
    "answers_read",
    "as_many_records",
    "delivered",
    "each_key_once",
    "every_line_once",
    "fail",
    "keys_name_owners",
    "one_partition",
    "one_record",
    "order_kept",
    "program_ends",
    "records_arrive",
    "remark_on_address",
    "remark_on_producers",
    "remark_on_requests",
    "remark_on_waiting",
    "same_partitions",
    "several_partitions",
    "value_is",
    "values_equal_lines",
    "values_hold_lines",
    "values_not_empty",
]
