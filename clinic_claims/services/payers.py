"""Enter payers and their plans: whose rules bind a plan decides every clock and every letter."""

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import selectinload

from ..db import db
from ..models import Payer, Plan
from .deeds import Deed, Refused
from .history import record


def everyone() -> list[Payer]:
    """Return every payer with its plans, by name."""
    return list(db.session.scalars(select(Payer).options(selectinload(Payer.plans)).order_by(func.lower(Payer.name))))


def add(name: str, deed: Deed, **more: Any) -> Payer:
    """Put a payer on record. Raises Refused when there is one of that name."""
    if db.session.scalar(select(Payer.id).where(func.lower(Payer.name) == name.lower())):
        raise Refused(f"{name} is on file already.")
    payer = Payer(name=name, **more)
    record(payer, "add_payer", deed, sentence=f"Payer added: {name}.")
    return payer


def add_plan(payer: Payer, name: str, payer_class: str, deed: Deed, **more: Any) -> Plan:
    """Add a plan to a payer. Raises Refused for an unknown class, or a name that the payer has already."""
    if payer_class not in deed.book.clocks.classes:
        raise Refused("Choose the kind of plan: its law decides every deadline.")
    if any(plan.name.lower() == name.lower() for plan in payer.plans):
        raise Refused(f"{payer.name} has a plan named {name} already.")
    plan = Plan(payer=payer, name=name, payer_class=payer_class, **more)
    record(plan, "add_plan", deed, sentence=f"Plan added: {payer.name} {name}.")
    return plan
