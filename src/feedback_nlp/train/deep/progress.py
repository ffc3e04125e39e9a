"""How far fine-tuning has come, in sentences."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(slots=True)
class Progress:
    """Tokens read and still to read, and when that was last told."""

    total: int  # tokens, padding included
    say: Callable[[str], None]
    clock: Callable[[], float]
    every: float  # seconds
    what: str = ""  # which fit is under way
    done: int = 0
    losses: list[float] = field(default_factory=list)  # since last told
    begun: float = 0.0
    told: float = 0.0

    def step(self, tokens: int, loss: float) -> None:
        """Count a step; tell every so often."""
        now = self.clock()
        self.begun, self.told = self.begun or now, self.told or now
        self.done += tokens
        self.losses.append(loss)
        if now - self.told >= self.every:
            self._tell(now)

    def _tell(self, now: float) -> None:
        rate = self.done / max(now - self.begun, 1e-9)
        left = max(self.total - self.done, 0) / rate
        mean = sum(self.losses) / len(self.losses)
        self.say(f"{self.what}: loss {mean:.3f}, {rate:,.0f} tokens a second, {duration(left)} to go")
        self.told = now
        self.losses.clear()


def duration(seconds: float) -> str:
    """Write a length of time so that a person can plan by it.

    >>> duration(42), duration(61), duration(5400)
    ('42 seconds', '2 minutes', '1.5 hours')
    """
    if seconds < 60:
        return f"{seconds:.0f} seconds"
    return f"{-(-seconds // 60):.0f} minutes" if seconds < 5400 else f"{seconds / 3600:.1f} hours"
