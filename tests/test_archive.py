"""Evidence survives being saved: what is loaded equals what was saved."""

import json
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from grader import archive
from grader.model import (
    Evidence,
    Exit,
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

texts = st.text(max_size=8)
maybe_bytes = st.none() | st.binary(max_size=8)
records = st.builds(
    Record,
    texts,
    st.integers(0, 11),
    st.integers(0),
    st.integers(),
    maybe_bytes,
    maybe_bytes,
    st.lists(st.tuples(texts, maybe_bytes), max_size=2).map(tuple),
)
requests = st.builds(
    Request,
    texts,
    st.integers(0, 20),
    texts,
    texts,
    texts,
    st.integers(1, 3),
    acks=st.none() | st.sampled_from([-1, 0, 1]),
    error=st.none() | texts,
    parts=st.lists(st.builds(PartitionRequest, texts, st.none() | st.integers(0, 9)), max_size=2).map(tuple),
)
evidences = st.builds(
    Evidence,
    submission=st.builds(
        Submission,
        texts,
        st.dictionaries(texts, st.binary(max_size=8), max_size=2),
        texts,
        st.dictionaries(texts, texts, max_size=1),
        st.booleans(),
    ),
    scenario=st.builds(
        Scenario,
        name=texts,
        title=texts,
        topics=st.lists(st.builds(Topic, texts, st.integers(1, 9)), max_size=2).map(tuple),
        args=st.lists(texts, max_size=2).map(tuple),
        files=st.dictionaries(texts, st.binary(max_size=8), max_size=1),
        fault=st.none() | st.builds(Stall, st.floats(0, 9)),
        program=maybe_bytes,
    ),
    run=st.builds(
        Run,
        st.builds(Exit, st.sampled_from(["exited", "timed_out"]), st.none() | st.integers(0, 255)),
        st.binary(max_size=8),
        st.binary(max_size=8),
        st.floats(0, 99),
        st.floats(0, 99),
    ),
    records=st.lists(records, max_size=2).map(tuple),
    requests=st.lists(requests, max_size=2).map(tuple),
    topics=st.dictionaries(texts, st.integers(1, 12), max_size=2),
    bootstrap_servers=texts,
    traffic=st.none()
    | st.builds(
        Traffic,
        st.integers(0, 9),
        requests=st.dictionaries(st.integers(0, 99), st.integers(0, 9), max_size=2),
        stall=st.sampled_from(["released", "dropped", None]),
    ),
)


@given(evidences)
def test_what_is_parsed_equals_what_was_dumped(evidence: Evidence) -> None:
    text = json.dumps(archive.dump(evidence))
    assert evidence == archive.parse(Evidence, json.loads(text))


def test_a_write_that_fails_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "results.json"
    archive.write(path, "old")
    (tmp_path / "results.json.part").mkdir()
    try:
        archive.write(path, "new")
    except OSError:
        (tmp_path / "results.json.part").rmdir()
    assert "old" == path.read_text()
