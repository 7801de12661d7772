"""Shape the parser's rows into status reports."""

from datetime import date
from decimal import Decimal

from ..parts import Person, Provider, day, in_role, modifiers, period, provider, refs
from ..tables import Kin, Row
from .records import LineStatus, Status, StatusCode, StatusReport

LEVELS = ("receiver", "provider", "claim")
SERVICE = "472"
STATUS_AS_READ = (
    *("segment", "effective_on", "action", "charged", "paid", "adjudicated_on", "payment_on", "payment_number"),
    "message",
)
LINE_AS_READ = ("segment", "qualifier", "procedure", "paid", "units")


def reports_of(tables: dict[str, list[Row]], guide: str) -> tuple[StatusReport, ...]:
    """Build every report of one transaction set, in file order; `guide` tells acknowledgement from answer."""
    kin = Kin(tables)
    kind = "277CA" if guide[6:10] in {"X214", "X167"} else "277"
    found = [_report(level, row, kin, kind) for level in LEVELS for row in tables[f"{level}_reports"]]
    return tuple(sorted(found, key=lambda report: report.segment))


def _report(level: str, row: Row, kin: Kin, kind: str) -> StatusReport:
    payer = kin.first("payers", row=row["payer"])
    said, lines = _said(level, row, kin), kin.below("lines", claim_report=row["row"]) if level == "claim" else []
    begun, ended = _service(said["dates"])
    return StatusReport(
        segment=row["segment"],
        kind=kind,
        level=level,
        trace=row["trace"],
        produced_on=kin.first("batches", row=row["batch"])["produced_on"] or None,
        payer=payer["name"],
        payer_id=payer["id"],
        receiver=kin.first("receivers", row=row["receiver"])["name"],
        provider=provider(kin.first("providers", row=row["provider"])) if "provider" in row else Provider(),
        patient=_patient(kin, row["patient"]) if "patient" in row else Person(),
        service_from=begun,
        service_to=ended,
        refs=refs(said["refs"]),
        statuses=tuple(map(_status, said["statuses"])),
        lines=tuple(_line(line, kin) for line in lines),
    )


def _said(level: str, row: Row, kin: Kin) -> dict[str, list[Row]]:
    """Find what is said of a thing itself, not of its lines."""
    owner = {f"{level}_report": row["row"]} | ({"line": None} if level == "claim" else {})
    return {name: kin.below(f"{level}_{name}", **owner) for name in ("statuses", "refs", "dates")}


def _patient(kin: Kin, patient: int | None) -> Person:
    named, known = (
        in_role(kin.below("persons", patient=patient), "QC", "IL"),
        kin.first("demographics", patient=patient),
    )
    return Person(named["last"], named["first"], named["id"], day(known["born_on"]), known["sex"])


def _status(row: Row) -> Status:
    triples = [(row[f"category_{n}"], row[f"status_{n}"], row[f"entity_{n}"]) for n in (1, 10, 11)]
    codes = tuple(StatusCode(*triple) for triple in triples if any(triple))
    return Status(**{name: row[name] for name in STATUS_AS_READ}, codes=codes)


def _line(row: Row, kin: Kin) -> LineStatus:
    begun, ended = _service(kin.below("claim_dates", line=row["row"]))
    return LineStatus(
        **{name: row[name] for name in LINE_AS_READ},
        modifiers=modifiers(row),
        revenue_code=row["revenue_code"] or (row["procedure"] if row["qualifier"] == "NU" else ""),
        charged=row["charged"] or Decimal(0),
        service_from=begun,
        service_to=ended,
        refs=refs(kin.below("claim_refs", line=row["row"])),
        statuses=tuple(map(_status, kin.below("claim_statuses", line=row["row"]))),
    )


def _service(dates: list[Row]) -> tuple[date | None, date | None]:
    found = [each for each in map(period, dates) if each.qualifier == SERVICE]
    return (found[0].first, found[0].last) if found else (None, None)
