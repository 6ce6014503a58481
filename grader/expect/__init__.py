"""Expectations for `checks.py`: each returns in silence or raises `Failure` with feedback."""

from grader.expect.acks import acks_are
from grader.expect.answers import answer, answers_read
from grader.expect.batching import few_bytes, few_requests, keeps_up, one_connection
from grader.expect.contact import contact_made
from grader.expect.counts import stored_as_told
from grader.expect.failing import exit_code_tells, gives_up_within, no_traceback, stderr_names
from grader.expect.failure import Failure, fail
from grader.expect.keys import keys_name_owners
from grader.expect.lines import Lines
from grader.expect.numbered import as_many_records, each_key_once, values_not_empty
from grader.expect.partitions import one_partition, order_kept, same_partitions, several_partitions
from grader.expect.program import program_ends, remark_on_address, remark_on_waiting
from grader.expect.records import delivered, one_record, records_arrive, value_is
from grader.expect.requests import remark_on_producers, remark_on_requests
from grader.expect.source import line_giving
from grader.expect.survival import acked_are_stored, acked_names_all, none_doubled, none_lost
from grader.expect.values import (
    every_line_once,
    nulls_kept,
    values_are_json,
    values_equal_lines,
    values_hold_lines,
)

__all__ = [
    "Failure",
    "Lines",
    "acked_are_stored",
    "acked_names_all",
    "acks_are",
    "answer",
    "answers_read",
    "as_many_records",
    "contact_made",
    "delivered",
    "each_key_once",
    "every_line_once",
    "exit_code_tells",
    "fail",
    "few_bytes",
    "few_requests",
    "gives_up_within",
    "keeps_up",
    "keys_name_owners",
    "line_giving",
    "no_traceback",
    "none_doubled",
    "none_lost",
    "nulls_kept",
    "one_connection",
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
    "stderr_names",
    "stored_as_told",
    "value_is",
    "values_are_json",
    "values_equal_lines",
    "values_hold_lines",
    "values_not_empty",
]
