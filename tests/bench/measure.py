"""What a measurement says, and how it is taken on a machine that others use too."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass

import structlog


@dataclass(frozen=True, slots=True)
class Measure:
    """A figure with the bound that it must not pass."""

    name: str
    value: float
    bound: float

    @property
    def ok(self) -> bool:
        """Whether it keeps within its bound."""
        return self.value <= self.bound

    def __str__(self) -> str:
        return f"{'ok  ' if self.ok else 'OVER'}  {self.value:8.2f} of {self.bound:6g}  {self.name}"


def best_of(
    rounds: int, *works: Callable[[], float], until: Callable[[list[float]], bool] = lambda _: True
) -> list[float]:
    """The shortest time of each, taken in turn so that a busy moment of the machine meets all alike.

    Where the result is not as `until` expects, the rounds are taken again, four times at most: a shortest time that a
    longer look betters was not the shortest.
    """
    best = [float("inf")] * len(works)
    for turn in range(4 * rounds):
        best = [min(time, work()) for time, work in zip(best, works, strict=True)]
        if (turn + 1) % rounds == 0 and until(best):
            break
    return best


def quiet() -> None:
    """Log failures only; what is measured must not wait for a terminal."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
