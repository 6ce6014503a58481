"""The rubric of 05: reviews as JSON, keyed by their product."""

import dataclasses
from collections.abc import Iterator
from functools import cache

from grader import Draw, Evidence, Scenario, Stall, Topic, advises, after, drawing, expect, points, under

REVIEWS = expect.Lines(
    topic="reviews", noun="review", identity="review_id", key="product_id", owner="product"
)
LEAST_REVIEWS, MOST_REVIEWS = 6, 30
# So many reviews are written once more at once, alike in all but their review_id.
REPEATED = 0.1
# What else people write in a review: line breaks, a tab, markup, JSON, and what looks like nothing.
COMMENTS = (
    "first line\nsecond line\n\n",
    "tab\tand \\ backslash",
    "<b>great</b> & cheap",
    '{"rating": 5}',
    "null",
    " ",
    "naïve café – 20 €",
    "とても良い 👍🏽",
    "ممتاز!",
)


@cache
def _file(number: float) -> tuple[int, str, bytes]:
    """Draw a number of partitions, and a file's name and content.

    There are more products than partitions: some share one, whatever the hash.
    """
    draw = Draw(number)
    partitions = draw.randint(3, 12)
    products, users = drawing.ids(draw, "p"), drawing.ids(draw, "u", plain=40)
    reviewed = [
        each for each in products for _ in range(draw.randint(LEAST_REVIEWS, draw.randint(12, MOST_REVIEWS)))
    ]
    draw.shuffle(reviewed)
    identities = iter(drawing.unique(draw, "r", 2 * len(reviewed)))
    reviews = []
    for product in reviewed:
        review = {
            "product_id": product,
            "user_id": draw.choice(users),
            "rating": draw.randint(1, 5),
            "comment": draw.choice((drawing.text(draw), drawing.text(draw), draw.choice(COMMENTS))),
        }
        copies = 2 if draw.random() < REPEATED else 1
        reviews += [{"review_id": next(identities), **review} for _ in range(copies)]
    return partitions, f"reviews-{draw.randint(100, 999)}.jsonl", drawing.json_lines(draw, reviews)


def healthy(draw: Draw) -> Scenario:
    """The path is free."""
    partitions, name, content = _file(draw.random())
    return Scenario(
        name="healthy",
        title="the path is free",
        topics=(Topic(REVIEWS.topic, partitions),),
        args=(name,),
        files={name: content},
    )


def stalled(draw: Draw) -> Scenario:
    """The first Produce is held."""
    return dataclasses.replace(
        healthy(draw),
        name="stalled",
        title="the broker gets the first records 4 to 5 s late",
        fault=Stall(hold_s=draw.uniform(4, 5)),
    )


@points(1)
@under(healthy)
def check_program_ends(evidence: Evidence) -> None:
    """The program ends by itself, with exit code 0."""
    expect.program_ends(evidence)


@points(1)
@under(healthy)
def check_reviews_arrive(evidence: Evidence) -> None:
    """Reviews arrive in `reviews`, each in the value of a record."""
    expect.records_arrive(evidence, REVIEWS.topic)
    expect.values_hold_lines(evidence, REVIEWS)


@points(3)
@under(healthy)
@after(check_reviews_arrive)
def check_json(evidence: Evidence) -> None:
    """Every value is one review as a JSON object, encoded once, in UTF-8."""
    expect.values_are_json(evidence, REVIEWS)


@points(2)
@under(healthy)
@after(check_json)
def check_same_review(evidence: Evidence) -> None:
    """Every value decodes to the very review: all its fields, unchanged."""
    expect.values_equal_lines(evidence, REVIEWS, but_for_nulls_of="comment")


@points(1)
@under(healthy)
@after(check_json)
def check_null(evidence: Evidence) -> None:
    """A `comment` of null is still null."""
    expect.nulls_kept(evidence, REVIEWS, field="comment")


@points(3)
@under(healthy)
@after(check_reviews_arrive)
def check_every_review_once(evidence: Evidence) -> None:
    """Every review of the file is stored once: none is lost, none doubled."""
    expect.every_line_once(evidence, REVIEWS)


@points(3)
@under(healthy)
@after(check_reviews_arrive)
def check_keys(evidence: Evidence) -> None:
    """The key of every record is its review's `product_id`, in UTF-8."""
    expect.keys_name_owners(evidence, REVIEWS)


@points(2)
@under(healthy)
@after(check_reviews_arrive)
def check_one_partition(evidence: Evidence) -> None:
    """All reviews of a product are on one partition."""
    expect.one_partition(evidence, REVIEWS)


@points(3)
@under(healthy)
@after(check_one_partition)
def check_order(evidence: Evidence) -> None:
    """The reviews of a product stand in the order of the file."""
    expect.order_kept(evidence, REVIEWS)


@points(2)
@under(healthy, stalled)
@after(check_reviews_arrive)
def check_delivered(free: Evidence, held: Evidence) -> None:
    """The reviews arrive even when the broker gets the first of them some seconds late."""
    expect.delivered(free, held, REVIEWS.topic)


@points(1)
@under(stalled)
@after(check_program_ends, check_delivered)
def check_ends_late(evidence: Evidence) -> None:
    """The program waits for that, and still ends with exit code 0."""
    expect.program_ends(evidence)


@advises
@under(healthy)
def remark_on_sending(evidence: Evidence) -> Iterator[str]:
    """Remarks on the address, on more than one producer, and on a request for each review."""
    yield from expect.remark_on_address(evidence)
    yield from expect.remark_on_producers(evidence)
    yield from expect.remark_on_requests(evidence, len(REVIEWS.given(evidence)))


@advises
@under(stalled)
def remark_on_waiting(evidence: Evidence) -> Iterator[str]:
    """A remark on a program that sleeps long enough."""
    yield from expect.remark_on_waiting(evidence)
