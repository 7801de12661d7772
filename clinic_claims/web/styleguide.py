"""Made-up things for the style guide."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from wtforms import SelectField

from ..clock import now, today
from .forms import DateField, Form, LineField, MoneyField, required


class SampleForm(Form):
    """One field of each kind."""

    reference = LineField("Payer's claim number", [required("Enter the number the payer gave the claim.")])
    received = DateField("Received on", description="The day the letter reached the clinic.")
    amount = MoneyField("Amount in dispute")


class SampleEdit(Form):
    """What is changed where it stands."""

    owner = SelectField("Owner", choices={"1": "Dana Park", "2": "Luis Ortiz"})
    follow_up = DateField("Follow up on")
    plan = LineField("Note")


def sample() -> dict[str, Any]:
    """Return what the style guide's page shows."""
    form = SampleForm(formdata=None, amount=Decimal("1842.00"))
    form.reference.errors = ["Enter the number the payer gave the claim."]
    return {
        "form": form,
        "rows": _rows(),
        "stages": _stages(),
        "deadlines": _deadlines(),
        "events": _events(),
        "day": today(),
        "edit": SampleEdit(formdata=None),
        "visit": {"state": "performed"},
        "compared": _compared(),
    }


def _rows() -> list[dict[str, Any]]:
    names: list[tuple[Any, ...]] = [
        (-1, "Chen, Wei", "Northlake PPO", "7852.58", "in_review", "Get the signature", "CO-50", 3),
        (
            0,
            "Fontaine, Fatima",
            "Harbor Medicare",
            "3236.48",
            "denied",
            "Appeal or correct",
            "CO-197",
            2,
        ),
        (4, "Ibrahim, Hiro", "Medicare Part B", "745.43", "appealing", "File the appeal", "CO-11", 3),
        (10, "Lindqvist, Maria", "Northlake PPO", "18432.00", "open", "Add the MRI report", "CO-50", 2),
        (38, "Okafor, Grace", "State Medicaid plan", "1486.65", "paid", "Close the claim", "–", 1),
    ]
    keys = ("days", "patient", "payer", "amount", "state", "next", "code", "stage")
    rows = [dict(zip(keys, values, strict=True)) for values in names]
    return [row | {"act_by": today() + timedelta(row["days"]), "amount": Decimal(row["amount"])} for row in rows]


def _compared() -> list[dict[str, Any]]:
    cure = "Correct the modifier, or ask the payer to amend the approval before the claim goes out."
    told = [("Side", "right", "left", "left"), ("64612 units", "1", "1", "1"), ("Place of service", "11", "11", "11")]
    rows = [dict(zip(("what", "approved", "performed", "billed"), row, strict=True)) for row in told]
    return [row | {"same": row["approved"] == row["billed"], "rule": {"carcs": ["284"], "cure": cure}} for row in rows]


def _stages() -> list[dict[str, Any]]:
    day = today()
    return [
        {"label": "Pre-approval", "state": "past", "note": "approved", "when": day - timedelta(120)},
        {"label": "Billing", "state": "past", "note": "submitted", "when": day - timedelta(70)},
        {"label": "Denial", "state": "now", "note": "CO-50", "when": day - timedelta(30)},
        {"label": "Appeal", "state": "next", "note": "act by", "when": day + timedelta(10)},
    ]


def _deadlines() -> list[dict[str, Any]]:
    day = today()
    because = ["The notice was received on June 5.", "The plan allows 180 days.", "The last day is a Sunday."]
    appeal = {
        "id": 1,
        "label": "Appeal, level 1",
        "who": "clinic",
        "act_by": day + timedelta(10),
        "legal": day + timedelta(12),
        "started_at": now() - timedelta(170),
        "because": because,
        "citation": "29 CFR 2560.503-1(h)(3)(i)",
        "confidence": "verified",
    }
    payer = appeal | {"id": 2, "label": "Payer's answer", "who": "payer", "started_at": now() - timedelta(12)}
    late = appeal | {"id": 3, "label": "Records requested", "act_by": day - timedelta(2), "legal": day - timedelta(1)}
    unknown = appeal | {"id": 4, "label": "External review", "act_by": None, "legal": None}
    return [late, appeal, payer | {"act_by": day + timedelta(18), "legal": day + timedelta(18)}, unknown]


def _events() -> list[dict[str, Any]]:
    told: list[tuple[Any, ...]] = [
        (0, "d.park@clinic.example", "Appeal letter drafted.", "drafting", "Medical necessity, level 1."),
        (2, "Remittance of Nov 18", "Denied by the payer.", "denied", "CO-50, remark N115; $1,842.00 on line 1."),
        (25, "l.ortiz@clinic.example", "Status asked by phone.", None, None),
        (26, "Clearinghouse", "Payer accepted the claim.", "accepted", "Payer's claim number 2026301884412."),
    ]
    keys = ("days", "actor", "sentence", "reached", "detail")
    events = [dict(zip(keys, values, strict=True)) for values in told]
    return [event | {"at": now() - timedelta(event["days"], 4000)} for event in events]
