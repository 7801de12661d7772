"""The stories that made-up claims tell: which steps a claim, its denial and its appeal take."""

from dataclasses import dataclass
from functools import cache

from ..domain import lifecycle

SERVICE = "clear_to_schedule record_service"
SENT = f"{SERVICE} finish_coding submit"
FILED = "draft send_for_review sign file"

# weight | steps of the claim | steps of its denial, where it has one | steps of the appeal, where it has one
STORIES = f"""
     1 |                                 |                                         |
     1 | ask_approval                    |                                         |
     2 | clear_to_schedule               |                                         |
     2 | {SERVICE}                       |                                         |
     3 | {SERVICE} finish_coding         |                                         |
    12 | {SENT}                          |                                         |
     3 | {SENT} note_accepted            |                                         |
     2 | {SENT} note_pending             |                                         |
     1 | {SENT} note_rejected            |                                         |
     1 | {SENT} request_information      |                                         |
    40 | {SENT} post_payment             |                                         |
    80 | {SENT} post_payment close       |                                         |
     1 | {SENT} post_payment reverse     |                                         |
     1 | {SENT} post_payment recoup      |                                         |
     2 | {SENT} post_part_payment        | open                                    |
     5 | {SENT} post_denial              | open                                    |
     1 | {SENT} post_denial              | open ask_peer_to_peer                   |
     2 | {SENT} post_denial              | open appeal                             | draft
     2 | {SENT} post_denial              | open appeal                             | {FILED}
     1 | {SENT} post_denial              | open appeal note_upheld                 | {FILED} decide_upheld
     6 | {SENT} post_denial post_payment | open appeal note_overturned             | {FILED} decide_overturned
     1 | {SENT} post_denial close        | open propose_write_off sign_write_off   |
"""


@dataclass(frozen=True)
class Story:
    """How far a claim, its denial and its appeal come."""

    claim: tuple[str, ...]
    denial: tuple[str, ...]
    appeal: tuple[str, ...]

    @property
    def is_open(self) -> bool:
        """Tell whether it may belong on the worklist: something follows, or could."""
        settled = not self.denial or lifecycle.is_final(lifecycle.DENIAL, walk("denial", self.denial[1:]))
        return not (settled and walk("claim", self.claim) in ("paid", "closed"))


def _stories() -> tuple[list[int], list[Story]]:
    rows = [[cell.split() for cell in line.split("|")] for line in STORIES.strip().splitlines()]
    return [int(row[0][0]) for row in rows], [Story(*map(tuple, row[1:])) for row in rows]


WEIGHTS, TOLD = _stories()


@cache
def trail(name: str, steps: tuple[str, ...]) -> tuple[tuple[str, str, str, str], ...]:
    """Follow the steps through a lifecycle table: action, state left, state reached, sentence."""
    table, followed = lifecycle.LIFECYCLES[name], []
    state = table.first
    for action in steps:
        reached = lifecycle.find(table, state, action).reaches
        sentence = f"{lifecycle.words(state).capitalize()} → {lifecycle.words(reached)}."
        followed.append((action, state, reached, sentence))
        state = reached
    return tuple(followed)


def walk(name: str, steps: tuple[str, ...]) -> str:
    """Return the state that the steps end in."""
    followed = trail(name, steps)
    return followed[-1][2] if followed else lifecycle.LIFECYCLES[name].first
