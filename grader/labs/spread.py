"""What repeated measurements say, and what they leave open."""

import math
import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

# An interval is as narrow as still holds the true median in 95 cases of 100, whatever the distribution.
CONFIDENCE = 0.95

Condition = TypeVar("Condition")


@dataclass(frozen=True, slots=True)
class Spread:
    """The median of some measurements, and the interval in which the true one lies.

    Attributes:
        low: Lower end of the interval, itself a measurement.
        high: Upper end.
        runs: How many measurements there are.
    """

    median: float
    low: float
    high: float
    runs: int

    @classmethod
    def of(cls, measured: Sequence[float]) -> "Spread":
        """Summarise measurements; of fewer than six the interval is all of them."""
        ordered = sorted(measured)
        cut = _cut(len(ordered))
        return cls(statistics.median(ordered), ordered[cut], ordered[-1 - cut], len(ordered))

    def below(self, other: "Spread") -> bool:
        """Whether it is lower for certain: the intervals do not meet."""
        return self.high < other.low

    def meets(self, other: "Spread") -> bool:
        """Whether the intervals meet, so that the two cannot be told apart."""
        return not (self.below(other) or other.below(self))


def _cut(count: int) -> int:
    """Return how many measurements each end of the interval leaves out: ranks of the median are binomial."""
    outside, cut = 2 * 0.5**count, 0
    while (wider := outside + 2 * math.comb(count, cut + 1) * 0.5**count) <= 1 - CONFIDENCE:
        outside, cut = wider, cut + 1
    return cut


def in_turn(conditions: Sequence[Condition], rounds: int) -> Iterator[Condition]:
    """Yield each condition once a round, each round beginning with the next: what drifts meets all alike."""
    for number in range(rounds):
        first = number % len(conditions)
        yield from (*conditions[first:], *conditions[:first])
