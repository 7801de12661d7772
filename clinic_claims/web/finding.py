"""Find anything: one box on every page. What is typed is sent in the body, and stands in no address and no log."""

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ..db import transaction
from ..domain.permissions import Permission
from ..models import Appeal, Authorization, Claim, Denial, Note, Patient, Remittance
from ..services import finding
from .addresses import page_of
from .filters import birth, day, moment, money
from .security import needs, record_access, signed_in

blueprint = Blueprint("finding", __name__, url_prefix="/find")


@blueprint.get("")
@needs(Permission.CLAIM_READ)
def recent() -> ResponseReturnValue:
    """Show the records that the person opened last."""
    with transaction():
        record_access("view", "patient_list", page="opened last")
    rows = [told(record) for record in finding.recent(signed_in().email)]
    return render_template("finding/found.html", rows=rows, words=None, guessed=False)


@blueprint.post("")
@needs(Permission.CLAIM_READ)
def find() -> ResponseReturnValue:
    """Open what was found, or list it where there is more than one."""
    words = request.form.get("words", "")[:200]
    with transaction():
        record_access("search", "patient_list")
    found = finding.find(words)
    rows = [told(record) for record in found.records]
    if len(rows) == 1 and not found.guessed:
        return redirect(rows[0]["href"])
    return render_template("finding/found.html", rows=rows, words=words.strip(), guessed=found.guessed)


def told(record: Any) -> dict[str, str]:
    """Say what a record is, in the words of a list."""
    match record:
        case Patient():
            return _row("Patient", record.name, f"born {birth(record.born_on)} · {record.mrn}", page_of(record))
        case Claim() | Authorization():
            name = "Claim" if isinstance(record, Claim) else "Approval"
            about = f"{record.case.patient.name} · {record.coverage.plan.payer.name}"
            return _row(name, record.number or record.reference, about, page_of(record))
        case Denial() | Appeal():
            denial = record if isinstance(record, Denial) else record.denial
            about = f"{denial.subject.case.patient.name} · {denial.codes}"
            return _row("Denial" if record is denial else "Appeal", record.reference, about, page_of(record))
        case Remittance():
            about = f"{record.payer_name} · {money(record.amount)} · {day(record.paid_on)}"
            return _row("Payment", record.trace, about, url_for("imports.remittance", remittance_id=record.id))
        case Note():
            return _row("Call", record.call_reference or record.reference, moment(record.at), page_of(record))
        case _:
            raise TypeError(f"no words for {record!r}")


def _row(kind: str, name: str, about: str, href: str) -> dict[str, str]:
    return {"kind": kind, "name": name, "about": about, "href": href}
