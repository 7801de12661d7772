"""Take in claims from a spreadsheet: settle its columns, look at it first, enter what is new, leave out the rest."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from hashlib import sha256
from typing import Any

from sqlalchemy import select

from ..db import db
from ..domain import denials as codes
from ..domain.lifecycle import CLAIM
from ..domain.words import money
from ..edi.spreadsheet import FIELDS, CellFault, Table, read_table
from ..models import Claim, ImportMapping, TreatmentCase
from ..rulebook import Rulebook
from . import billed, denials, incoming, outcomes, pairing, steps
from .arrivals import Arrival, Intake, Posting
from .deeds import Deed
from .history import record
from .import_runs import Tracker
from .posters import attempt
from .table_rows import TableClaim, claims_of

ZERO = Decimal(0)


@dataclass(frozen=True)
class Preview:
    """A table before it is taken in: its claims that are new, its faults, and those left out as known already."""

    table: Table
    claims: list[TableClaim]
    known: dict[str, str]  # claim number: why it is no new claim
    faults: list[CellFault]
    mapping_name: str

    @property
    def new(self) -> list[TableClaim]:
        """The claims to enter."""
        return [claim for claim in self.claims if claim.told.number not in self.known]


def preview(data: bytes, mapping: Mapping[str, str] | None = None) -> Preview:
    """Read a table by the columns given, else as settled for files with the same header, else by their names."""
    table = read_table(data, mapping)
    settled = remembered(table.columns) if mapping is None else None
    if settled is not None:
        table = read_table(data, settled.fields)
    claims, faults = claims_of(table)
    known = {claim.told.number: why for claim in claims if (why := _known(claim.told))}
    ordered = sorted([*table.faults, *faults], key=lambda each: (each.row is None, each.row))
    return Preview(table, claims, known, ordered, settled.name if settled else "")


def unready(found: Preview, book: Rulebook, most: int) -> dict[str, str]:
    """Say of each of the first claims that are new why it would be left out all the same, by its number."""
    first = (claim.told for claim in found.claims[:most] if claim.told.number not in found.known)
    return {told.number: " ".join(why) for told in first if (why := incoming.obstacles(told, book))}


def _known(told: incoming.Incoming) -> str:
    """Say why a claim is no new one; "" when it is."""
    if db.session.scalar(select(Claim.id).where(Claim.number == told.number)):
        return "on file already"
    charged = sum((line.charged for line in told.lines), ZERO)
    alike = select(Claim).join(Claim.coverage).join(Claim.case)
    alike = alike.where(Claim.service_from == told.service_from, Claim.charged == charged)
    patient = incoming.known_patient(told)
    for claim in db.session.scalars(alike.join(TreatmentCase.patient).order_by(Claim.id)):
        same_member = told.member_id and pairing.packed(told.member_id) == pairing.packed(claim.coverage.member_id)
        if same_member or (patient and patient.id == claim.case.patient_id):
            return f"looks like {claim.number}: same patient, day and charge"
    return ""


def remembered(columns: Sequence[str]) -> ImportMapping | None:
    """Return how files with this header were settled."""
    return db.session.scalar(select(ImportMapping).where(ImportMapping.header == _header(columns)))


def _header(columns: Sequence[str]) -> str:
    return sha256("\n".join(columns).encode()).hexdigest()


def remember(table: Table, name: str, deed: Deed) -> ImportMapping:
    """Keep the columns of a table for the next file of the same source."""
    row = remembered(table.columns) or ImportMapping(header=_header(table.columns))
    row.name, row.fields = name or "Spreadsheet", dict(table.mapping)
    row.settled_at, row.settled_by = deed.at, deed.actor
    record(row, "settle_columns", deed, sentence=f"Columns settled for files of {row.name}.")
    return row


def check(arrival: Arrival, answer: Intake) -> Preview:
    """Look at the table; its faults refuse it, unless staff chose to leave those rows out."""
    looked = preview(arrival.data, arrival.choices.get("mapping"))
    answer.claims = len(looked.claims)
    answer.charged = sum((line.charged for claim in looked.claims for line in claim.told.lines), ZERO)
    answer.paid = sum((said.paid for claim in looked.claims for said in claim.said), ZERO)
    whole = [each for each in looked.faults if each.row is None]
    if whole or not arrival.choices.get("leave_out"):
        for each in looked.faults:
            answer.refuse(str(each), each.row, each.column)
    else:
        answer.notes += [f"Left out: {each}." for each in looked.faults]
    return looked


def post(posting: Posting) -> None:
    """Enter the claims that are new. A claim that cannot be entered refuses the file, or is left out if so chosen."""
    looked, answer, deed = posting.read, posting.answer, posting.arrival.deed
    for claim in looked.claims:
        if why := looked.known.get(claim.told.number):
            answer.notes.append(f"{claim.told.number}: {why}; left out.")
        else:
            attempt(posting, claim.told.number, lambda own, each=claim: _enter(each, own, posting))
    if posting.arrival.choices.get("mapping"):  # settled by hand: the next file, and taking it out again, go by it
        remember(looked.table, posting.arrival.choices.get("source", ""), deed)


def _enter(claim: TableClaim, tracker: Tracker, posting: Posting) -> list[str]:
    deed = posting.arrival.deed
    made, notes = billed.take_in(claim.told, tracker, deed)
    if any(said.is_answer for said in claim.said):
        opened, told = _answered(made, claim, tracker, deed)
        posting.answer.denials += opened
        notes += told
    return notes


def _answered(claim: Claim, told: TableClaim, tracker: Tracker, deed: Deed) -> tuple[int, list[str]]:
    """Credit what the rows say was paid and log what they say was denied."""
    with db.session.no_autoflush:
        for line, each in zip(claim.lines, told.said, strict=True):
            line.paid, claim.paid = each.paid, claim.paid + each.paid
            claim.patient_owes += each.patient or ZERO
        refused = _alike(_refused(claim, told, deed))
        record(claim, "read_answer", deed, sentence=f"Spreadsheet: {money(claim.paid)} of {money(claim.charged)} paid.")
        undated = [each for each in refused if each["denied_on"] is None or each["denied_on"] > deed.today]
        notes = [_unlogged(undated[0]["denied_on"])] if undated else []
        _move(claim, bool(refused) and not undated, deed)
    opened = 0
    for each in refused if not undated else ():
        place = each.pop("row")
        tracker.made(place, denials.open_denial(claim, deed, received_how="spreadsheet", **each))
        opened += 1
    return opened, notes


def _unlogged(day: date | None) -> str:
    lacks = f"its date, {day}, lies ahead" if day else "the table has no date for it"
    return f"Its denial was not logged: {lacks}. Log it from the notice."


def _refused(claim: Claim, told: TableClaim, deed: Deed) -> Iterator[dict[str, Any]]:
    """Give what each row refuses, after its write-downs; codes that are no denial only share out the rest."""
    for row, line, each in zip(told.rows, claim.lines, told.said, strict=True):
        left = line.charged - each.paid - (each.patient or ZERO)
        for group, carc in each.codes:
            kind = codes.read(deed.book.denial_codes, group, (carc,), each.rarcs).kind
            if kind in ("contractual", "information"):
                claim.adjusted, left = claim.adjusted + left, ZERO
            elif kind == "patient_responsibility" and each.patient is None:
                claim.patient_owes, left = claim.patient_owes + left, ZERO
        if each.codes and left > 0:
            yield {
                "row": row,
                "group": each.codes[0][0] or None,
                "carcs": [carc for _, carc in each.codes],
                "rarcs": list(each.rarcs),
                "amount": left,
                "denied_on": each.denied_on,
                "notice_dated_on": each.denied_on,
                "lines": [(line, left)],
            }


def _alike(refused: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Put what the same codes refuse on the same day together: that is one denial with several lines."""
    found: dict[Any, dict[str, Any]] = {}
    for each in refused:
        key = (each["group"], *each["carcs"], "", *each["rarcs"], each["denied_on"])
        if (first := found.setdefault(key, each)) is not each:
            first["amount"] += each["amount"]
            first["lines"] += each["lines"]
    return list(found.values())


def _move(claim: Claim, denied: bool, deed: Deed) -> None:
    """Move the claim to where the answer leaves it."""
    if outcomes.settled(claim) and not denied:
        action = "post_payment"
    elif claim.paid > 0:
        action = "post_part_payment"
    elif denied:
        action = "post_denial"
    else:
        return
    if any(step.action == action and claim.state in step.leaves for step in CLAIM.steps):
        steps.take(claim, action, deed, reason="Told by an imported spreadsheet.")


__all__ = ["FIELDS", "Preview", "check", "post", "preview", "remember", "remembered", "unready"]
