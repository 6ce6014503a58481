"""The rubric of 08: reviews that survive the death of a leader, and the ids of those that are safe."""

from collections.abc import Iterator
from functools import cache

from grader import (
    Draw,
    Evidence,
    LeaderKilled,
    Scenario,
    Topic,
    advises,
    after,
    drawing,
    expect,
    points,
    under,
)

REVIEWS = expect.Lines(
    topic="reviews", noun="review", identity="review_id", key="product_id", owner="product"
)
LEAST_REVIEWS, MOST_REVIEWS = 360, 440
LEADER, FOLLOWER = 2, 3
WALL_LIMIT_S = 60.0


@cache
def _drawn(number: float) -> tuple[int, tuple[str, str], bytes]:
    """Draw a number of partitions, the names of both files, and the reviews."""
    draw = Draw(number)
    products, users = drawing.ids(draw, "p"), drawing.ids(draw, "u", plain=40)
    reviews = [
        {
            "review_id": identity,
            "product_id": draw.choice(products),
            "user_id": draw.choice(users),
            "rating": draw.randint(1, 5),
            "comment": drawing.text(draw),
        }
        for identity in drawing.unique(draw, "r", draw.randint(LEAST_REVIEWS, MOST_REVIEWS))
    ]
    names = (f"reviews-{draw.randint(100, 999)}.jsonl", f"acked-{draw.randint(100, 999)}.txt")
    return draw.randint(3, 6), names, drawing.json_lines(draw, reviews)


def _reviews(draw: Draw, name: str, title: str, replicas: tuple[int, ...] = ()) -> Scenario:
    partitions, names, content = _drawn(draw.random())
    settings = {"min.insync.replicas": "2"} if replicas else {}
    return Scenario(
        name=name,
        title=title,
        topics=(Topic(REVIEWS.topic, partitions, settings, (replicas,) * partitions if replicas else ()),),
        args=names,
        files={names[0]: content},
        fault=LeaderKilled(LEADER, behind=FOLLOWER) if replicas else None,
        brokers=3 if replicas else 1,
        collect=(names[1],),
        wall_limit_s=WALL_LIMIT_S,
    )


def healthy(draw: Draw) -> Scenario:
    """One broker, which lives."""
    return _reviews(draw, "healthy", "one broker, and nothing goes wrong")


def behind(draw: Draw) -> Scenario:
    """The follower that lacks records leads next."""
    title = "the leader dies; the next one lacks its last records"
    return _reviews(draw, "behind", title, (LEADER, FOLLOWER, 1))


def level(draw: Draw) -> Scenario:
    """The follower that has everything leads next."""
    title = "the leader dies; the next one has all of its records"
    return _reviews(draw, "level", title, (LEADER, 1, FOLLOWER))


@points(1)
@under(healthy)
def check_program_ends(evidence: Evidence) -> None:
    """Where nothing goes wrong, the program ends by itself, with exit code 0."""
    expect.program_ends(evidence)


@points(1)
@under(healthy)
def check_reviews_arrive(evidence: Evidence) -> None:
    """Reviews arrive in `reviews`, each in the value of a record."""
    expect.records_arrive(evidence, REVIEWS.topic)
    expect.values_hold_lines(evidence, REVIEWS)


@points(1)
@under(healthy)
@after(check_reviews_arrive)
def check_values(evidence: Evidence) -> None:
    """Every value is a line of the file, or JSON equal to it."""
    expect.values_equal_lines(evidence, REVIEWS)


@points(1)
@under(healthy)
@after(check_reviews_arrive)
def check_keys(evidence: Evidence) -> None:
    """The key of every record is its review's `product_id`, in UTF-8."""
    expect.keys_name_owners(evidence, REVIEWS)


@points(2)
@under(healthy)
@after(check_reviews_arrive)
def check_acked_file(evidence: Evidence) -> None:
    """The second file names the `review_id` of every review, a line each."""
    expect.acked_names_all(evidence, REVIEWS)


@points(4)
@under(healthy, behind, level)
@after(check_reviews_arrive)
def check_none_lost(*runs: Evidence) -> None:
    """Every review is stored in the end, also where the leader dies."""
    for evidence in runs:
        expect.none_lost(evidence, REVIEWS)


@points(4)
@under(behind, level)
@after(check_acked_file)
def check_acked_is_safe(*runs: Evidence) -> None:
    """At any moment, every review named there is on all in-sync replicas."""
    for evidence in runs:
        expect.acked_are_stored(evidence, REVIEWS)


@points(3)
@under(behind, level)
@after(check_none_lost)
def check_none_doubled(*runs: Evidence) -> None:
    """The leader dies, and no review is stored twice."""
    for evidence in runs:
        expect.none_doubled(evidence, REVIEWS)


@points(3)
@under(behind, level)
@after(check_reviews_arrive)
def check_order(*runs: Evidence) -> None:
    """The leader dies, and the reviews of a product stand in the order of the file."""
    for evidence in runs:
        expect.order_kept(evidence, REVIEWS)


@points(2)
@under(behind, level)
@after(check_acked_file)
def check_all_acked(*runs: Evidence) -> None:
    """The leader dies, and in the end every review is named as safe."""
    for evidence in runs:
        expect.acked_names_all(evidence, REVIEWS)


@points(3)
@under(behind, level)
@after(check_program_ends)
def check_ends_well(*runs: Evidence) -> None:
    """The leader dies, and the program ends with exit code 0 all the same."""
    for evidence in runs:
        expect.program_ends(evidence)


@advises
@under(healthy)
def remark_on_sending(evidence: Evidence) -> Iterator[str]:
    """Remarks on the address, on more than one producer, and on a request for each review."""
    yield from expect.remark_on_address(evidence)
    yield from expect.remark_on_producers(evidence)
    yield from expect.remark_on_requests(evidence, len(REVIEWS.given(evidence)))
