"""Enter and correct payers and their plans: whose rules bind a plan decides every clock and every letter."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import selectinload

from ..db import db
from ..domain.facts import LetterFacts
from ..models import Payer, Plan
from .deeds import Deed, Refused
from .history import record

DESKS = {
    "authorizations": "Prior approval",
    "claims": "Claims and corrected claims",
    "disputes": "Provider disputes",
    "records": "Records asked for",
    "peer_to_peer": "Peer-to-peer calls",
    "recovery": "Takebacks",
}
"""The desks of a payer beside the one for appeals."""

DESK_OF = {
    "lmn_toxin": "authorizations",
    "lmn_mvd": "authorizations",
    "lmn_renewal": "authorizations",
    "retro_auth": "authorizations",
    "dispute": "disputes",
    "corrected_cover": "claims",
    "records_cover": "records",
    "takeback": "recovery",
    "p2p_brief": "peer_to_peer",
}
"""Which desk a kind of letter goes to; every other goes to appeals."""


def everyone() -> list[Payer]:
    """Return every payer with its plans, by name."""
    return list(db.session.scalars(select(Payer).options(selectinload(Payer.plans)).order_by(func.lower(Payer.name))))


def add(name: str, deed: Deed, **more: Any) -> Payer:
    """Put a payer on record. Raises Refused for a name, alias or payer ID that another one has."""
    payer = Payer(name=name, **more)
    _refuse_taken(payer, {"name": name, **more})
    record(payer, "add_payer", deed, sentence=f"Payer added: {name}.")
    return payer


def correct(payer: Payer, deed: Deed, **told: Any) -> None:
    """Correct a payer; letters already printed keep what they say. Raises Refused as `add` does."""
    _refuse_taken(payer, told)
    _change(payer, told, "correct_payer", deed)


def _refuse_taken(payer: Payer, told: Mapping[str, Any]) -> None:
    query = select(Payer).where(Payer.id != payer.id) if payer.id else select(Payer)
    for other in db.session.scalars(query):
        if other.name.lower() == told["name"].lower():
            raise Refused(f"{told['name']} is on file already.")
        if told.get("edi_id") and other.edi_id == told["edi_id"]:
            raise Refused(f"{other.name} has the payer ID {told['edi_id']}: files could not tell them apart.")
        if shared := {*told.get("aliases", ())} & {*other.aliases}:
            raise Refused(f"{', '.join(sorted(shared))} is a name of {other.name} in files.")


def add_plan(payer: Payer, name: str, payer_class: str, deed: Deed, **more: Any) -> Plan:
    """Add a plan to a payer. Raises Refused for an unknown class, or a name that the payer has already."""
    _refuse_plan(payer, None, name, payer_class, deed)
    plan = Plan(payer=payer, name=name, payer_class=payer_class, **more)
    record(plan, "add_plan", deed, sentence=f"Plan added: {payer.name} {name}.")
    return plan


def correct_plan(plan: Plan, deed: Deed, **told: Any) -> None:
    """Correct a plan. Clocks that run keep their day until they are dated anew. Raises Refused as `add_plan` does."""
    _refuse_plan(plan.payer, plan, told["name"], told["payer_class"], deed)
    _change(plan, told, "correct_plan", deed)


def _refuse_plan(payer: Payer, plan: Plan | None, name: str, payer_class: str, deed: Deed) -> None:
    if payer_class not in deed.book.clocks.classes:
        raise Refused("Choose the kind of plan: its law decides every deadline.")
    if any(other is not plan and other.name.lower() == name.lower() for other in payer.plans):
        raise Refused(f"{payer.name} has a plan named {name} already.")


def _change(row: Payer | Plan, told: Mapping[str, Any], action: str, deed: Deed) -> None:
    """Set what differs and record both, before and after; nothing new is no deed."""
    changed = {name: [getattr(row, name), value] for name, value in told.items() if getattr(row, name) != value}
    if not changed:
        return
    for name, (_, after) in changed.items():
        setattr(row, name, after)
    names = ", ".join(name.replace("_", " ") for name in changed)
    record(row, action, deed, sentence=f"{row.name}: {names} corrected.", changed=changed)


def desk_of(payer: Payer, kind: str) -> dict[str, Any]:
    """Return how the desk for a kind of letter is reached: address, fax, portal, phone; appeals where it has none."""
    appeals = {"address": payer.appeals_address, "fax": payer.appeals_fax, "portal": payer.appeals_portal}
    return (payer.desks or {}).get(DESK_OF.get(kind, "")) or appeals


def addressed(facts: LetterFacts, payer: Payer, kind: str) -> LetterFacts:
    """Return the facts with the address and fax of the desk that a kind of letter goes to, where one is on file."""
    desk = (payer.desks or {}).get(DESK_OF.get(kind, ""), {})
    if not desk.get("address"):
        return facts
    there = {"appeals_address": tuple(desk["address"]), "appeals_fax": desk.get("fax")}
    return replace(facts, coverage=replace(facts.coverage, **there))
