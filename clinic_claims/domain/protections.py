"""Rules that keep a payer from taking back an approval it has given."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from .payer_classes import Confidence

# State insurance law reaches plans that a state regulates; self-funded and federal plans it does not.
STATE_REGULATED = frozenset({"commercial_fully_insured"})


@dataclass(frozen=True, kw_only=True)
class Protection:
    """A federal rule for payer classes, or the statute of one `state`.

    `strength` says how far it reaches: it bars the later denial, limits the payer's criteria, makes the approval
    provisional, or there is no ban and the argument must lean on plan terms and contract.
    """

    id: str
    strength: Literal["bars_denial", "limits_criteria", "provisional", "no_ban", "not_read"]
    rule: str
    citation: str
    source: str
    confidence: Confidence
    limits: str | None = None
    payer_classes: tuple[str, ...] = ()
    state: str | None = None

    @property
    def may_be_cited(self) -> bool:
        """Whether the text itself was read, so that a letter may lean on it."""
        return self.confidence == "verified" and self.strength != "not_read"


def protections_for(rows: Iterable[Protection], payer_class: str, state: str | None) -> tuple[Protection, ...]:
    """Return the rules that protect an approval of this payer class in this state (two letters), federal first."""
    home = state.upper() if state and payer_class in STATE_REGULATED else None
    found = [row for row in rows if payer_class in row.payer_classes or (home and row.state == home)]
    return tuple(sorted(found, key=lambda row: row.state is not None))
