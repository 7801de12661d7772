"""What the denial's page shows beside its record: the ways to answer, each with its button."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from ..db import db
from ..domain.denial_routes import Way
from ..domain.payer_classes import Level
from ..models import Appeal, Claim, ClaimPayment, Denial
from ..services import answering, comparing, history, import_runs, ladders, letters, notes, stages
from ..services.deeds import Deed, Refused
from ..services.readiness import SETTLED
from .steps import Offer, Offers, offers

APPEAL = "appeal"
BY_STEP = {
    "corrected_claim": "correct",
    "send_again": "correct",
    "clerical_error_reopening": "correct",
    "peer_to_peer": "ask_peer_to_peer",
    "patient_statement": "bill_patient",
}
WORKED_ON = {"correct_resubmit": "correct", "either": "correct", "patient": "bill_patient"}


@dataclass(frozen=True)
class Choices:
    """The steps of a denial: beside the way they take, or among the rest. `further` is a level no way names."""

    by_route: dict[str, Offer | Literal["appeal"]]
    main: Way | None
    rest: list[Offer]
    further: Level | None


def unfinished(denial: Denial) -> Appeal | None:
    """Return the appeal that is being worked on, if there is one."""
    last = ladders.last_appeal(denial)
    return last if last is not None and last.state in stages.UNDER_WAY else None


def shown(denial: Denial, deed: Deed) -> dict[str, Any]:
    """Return everything the page shows but its form."""
    about, appeal, open_now = denial.subject, unfinished(denial), offers(denial)
    answer = answering.answer(denial, deed.book)
    choices = _choices(answer, open_now, ladders.next_level(denial, deed.book))
    return {
        "denial": denial,
        "about": about,
        "answer": answer,
        "stages": stages.stages(about),
        "takeback": stages.taken_back(about) if isinstance(about, Claim) else None,
        "clocks": ladders.running(denial) + (ladders.running(appeal) if appeal else []),
        "appeal": appeal,
        "gaps": _gaps(appeal, deed),
        "offers": open_now,
        "choices": choices,
        "thresholds": _thresholds(denial, [choices.further, *answer.levels.values()], deed),
        "promises": notes.open_promises(denial),
        "events": [event for event in history.of(denial) if event.action != "view"],
        "payment": db.session.get(ClaimPayment, denial.claim_payment_id) if denial.claim_payment_id else None,
        "told": import_runs.told_of(denial),
        "settled": denial.state in SETTLED,
        "visit": comparing.visit_of(denial.claim) if denial.claim else None,
        "compared": comparing.of_claim(denial.claim, deed) if denial.claim else (),
    }


def _thresholds(denial: Denial, levels: Iterable[Level | None], deed: Deed) -> dict[str, str]:
    """Say by level what must be in controversy before it may be filed."""
    said = {level.id: answering.in_controversy(denial, level, deed) for level in levels if level}
    return {level: words for level, words in said.items() if words}


def _gaps(appeal: Appeal | None, deed: Deed) -> list[str]:
    """Name what the letter under way still lacks."""
    if appeal is None or appeal.state != "drafting":
        return []
    try:
        return [gap.what for gap in letters.compose(appeal, deed).gaps]
    except Refused as refused:
        return refused.reasons


def _choices(answer: answering.Answer, open_now: Offers, level: Level | None) -> Choices:
    by_action = {offer.action: offer for offer in open_now.open}
    found: dict[str, Offer | Literal["appeal"]] = {}
    for way in answer.ways:
        if way.status == "closed":
            continue
        if APPEAL in by_action and level and way.level == level.id and APPEAL not in found.values():
            found[way.route.id] = APPEAL
        elif offer := by_action.get(BY_STEP.get(way.route.id, "")):
            found[way.route.id] = offer
    wanted = WORKED_ON.get(answer.reading.remedy or "", APPEAL)
    open_ways = [way for way in answer.ways if way.route.id in found]
    main = next((way for way in open_ways if wanted in (found[way.route.id], BY_STEP.get(way.route.id))), None)
    used = {APPEAL, *(offer.action for offer in found.values() if isinstance(offer, Offer))}
    return Choices(
        by_route=found,
        main=main or next(iter(open_ways), None),
        rest=[offer for offer in open_now.open if offer.action not in used],
        further=level if APPEAL in by_action and APPEAL not in found.values() else None,
    )
