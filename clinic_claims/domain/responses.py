"""What earlier sessions prove: that the treatment works, that relief wears off, and when to stop.

The answer to "you improved, so you no longer qualify": improvement under treatment shows that the treatment works.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise

from .words import day, number

STOP_AFTER = 2  # sessions without benefit in a row (stop rule of Medicare L34635)


@dataclass(frozen=True, kw_only=True)
class Session:
    """A toxin session; a higher figure on the scale is worse. None where nothing was recorded."""

    on: date
    scale: str = ""
    before: Decimal | None = None
    after: Decimal | None = None
    benefit_weeks: Decimal | None = None

    @property
    def helped(self) -> bool | None:
        """Whether it brought benefit; None when the record does not say."""
        if self.before is not None and self.after is not None:
            return self.after < self.before
        return None if self.benefit_weeks is None else self.benefit_weeks > 0


def gaps(sessions: Sequence[Session]) -> tuple[str, ...]:
    """Say what a continuation request lacks: a scale before and after, and the weeks of benefit of each session."""
    if not sessions:
        return ("No earlier session is on record",)
    last = sessions[-1]
    asked = {"scale before": last.before, "scale after": last.after, "weeks of benefit": last.benefit_weeks}
    lacking = ", ".join(what for what, value in asked.items() if value is None)
    return (f"Not yet recorded of the session of {day(last.on)}: {lacking}",) if lacking else ()


def failures(sessions: Sequence[Session]) -> int:
    """Count the sessions without benefit at the end of the series."""
    count = 0
    for session in reversed(sessions):
        if session.helped is not False:
            break
        count += 1
    return count


def must_stop(sessions: Sequence[Session]) -> bool:
    """Tell whether the stop rule has come true: no benefit after two sessions in a row."""
    return failures(sessions) >= STOP_AFTER


def rebuttal(sessions: Sequence[Session]) -> str | None:
    """Answer "you improved, so you no longer qualify" from the record; None when the record does not bear it."""
    returned = [(first, then) for first, then in pairwise(sessions) if _came_back(first, then)]
    if not returned:
        return None
    first, then = returned[-1]
    lasted = f" Relief lasted {number(first.benefit_weeks)} weeks." if first.benefit_weeks else ""
    before, after, again = (number(value or Decimal(0)) for value in (first.before, first.after, then.before))
    return (
        f"On {first.scale or 'the severity scale'} the patient went from {before} to {after} after the session of "
        f"{day(first.on)} and was back at {again} on {day(then.on)}.{lasted} The improvement is the effect of the "
        "treatment; it ends when the treatment wears off."
    )


def _came_back(first: Session, then: Session) -> bool:
    """Whether a session helped and the spasm had returned, on the same scale, by the next one."""
    same = first.scale == then.scale and None not in (first.before, first.after, then.before)
    return same and first.helped is True and (then.before or 0) > (first.after or 0)
