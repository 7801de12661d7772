"""Shape the parser's rows into claims."""

from decimal import Decimal

from ..parts import Person, Provider, day, in_role, modifiers, period, provider, refs
from ..tables import Kin, Row
from .records import DIAGNOSES, Claim, Drug, HealthCode, ServiceLine

ZERO = Decimal(0)
SUBSCRIBER = "22"
SERVICE = "472"
CLAIM_AS_READ = (
    *("segment", "claim_number", "facility_code", "frequency", "provider_signature", "accepts_assignment"),
    *("benefits_assigned", "release_of_information"),
)
SERVICE_AS_READ = ("qualifier", "procedure", "description", "unit_kind")
ROLES = {
    "rendering": ("82",),
    "referring": ("DN", "P3"),
    "attending": ("71",),
    "operating": ("72",),
    "facility": ("77", "FA", "LI", "TL"),
}


def claims_of(tables: dict[str, list[Row]], guide: str) -> tuple[Claim, ...]:
    """Build every claim of one transaction set; `guide` tells professional from institutional where lines cannot."""
    kin = Kin(tables)
    insured_by = _subscribers(tables["levels"])
    kind = "837I" if tables["institutional"] or guide[6:10] in {"X223", "X096"} else "837P"
    return tuple(_claim(row, kin, kind, insured_by.get(row["level"])) for row in tables["claims"])


def _subscribers(levels: list[Row]) -> dict[int, int]:
    """Say for every level which one holds its subscriber: itself, or for a dependent the one that HL02 names."""
    found: dict[int, int] = {}
    numbered: dict[tuple[int, str], int] = {}
    for row in levels:
        if row["code"] == SUBSCRIBER:
            found[row["row"]] = numbered[row["batch"], row["number"]] = row["row"]
        elif (row["batch"], row["parent"]) in numbered:
            found[row["row"]] = numbered[row["batch"], row["parent"]]
    return found


def _claim(row: Row, kin: Kin, kind: str, subscriber: int | None) -> Claim:
    key, level = row["row"], row["level"]
    codes = kin.below("codes", claim=key)
    pointed = [each["code"] for each in codes if each["qualifier"] in DIAGNOSES]
    parties = kin.below("parties", claim=key, line=None)
    return Claim(
        **{name: row[name] for name in CLAIM_AS_READ},
        **{role: provider(in_role(parties, *marks)) for role, marks in ROLES.items()},
        **_batch(kin.first("batches", row=row["batch"])),
        **_insurance(kin, subscriber, level),
        kind=kind,
        billing=_billing(kin.first("providers", row=row["provider"])),
        subscriber=_person(kin, subscriber, "IL"),
        patient=_person(kin, level, "IL" if level == subscriber else "QC"),
        charged=row["charged"] or ZERO,
        codes=tuple(HealthCode(each["segment"], each["qualifier"], each["code"]) for each in codes if each["code"]),
        refs=refs(kin.below("refs", claim=key, line=None)),
        dates=tuple(map(period, kin.below("dates", claim=key, line=None))),
        lines=tuple(_line(line, kin, pointed) for line in kin.below("lines", claim=key)),
    )


def _batch(row: Row) -> Row:
    return {
        "batch": row["reference"],
        "sent_on": row["sent_on"] or None,
        "submitter": row["submitter"],
        "submitter_id": row["submitter_id"],
    }


def _insurance(kin: Kin, subscriber: int | None, level: int) -> Row:
    row, payer = kin.first("insurances", level=subscriber), in_role(kin.below("persons", level=subscriber), "PR")
    return {
        "relationship": row["relationship"] or kin.first("relationships", level=level)["code"],
        "payer": payer["last"],
        "payer_id": payer["id"],
        "payer_order": row["order"],
        "group_number": row["group_number"],
        "filing_code": row["filing_code"],
    }


def _billing(row: Row) -> Provider:
    return provider(row, row["employer_id"] or row["social_security"])


def _person(kin: Kin, level: int | None, role: str) -> Person:
    named = in_role(kin.below("persons", level=level), role)
    known = kin.first("demographics", level=level)
    return Person(named["last"], named["first"], named["id"], day(known["born_on"]), known["sex"])


def _line(row: Row, kin: Kin, diagnoses: list[str]) -> ServiceLine:
    key = row["row"]
    service = kin.first("professional", line=key) or kin.first("institutional", line=key)
    begun, ended = next(
        ((each.first, each.last) for each in map(period, kin.below("dates", line=key)) if each.qualifier == SERVICE),
        (None, None),
    )
    return ServiceLine(
        **{name: service[name] for name in SERVICE_AS_READ},
        segment=row["segment"],
        number=row["number"],
        modifiers=modifiers(service),
        revenue_code=service.get("revenue_code", ""),
        charged=service["charged"] or ZERO,
        units=service["units"] if service else None,
        place_of_service=service.get("place_of_service", ""),
        diagnoses=tuple(diagnoses[n - 1] for n in pointers(service) if 0 < n <= len(diagnoses)),
        service_from=begun,
        service_to=ended,
        drug=_drug(kin, key),
        rendering=provider(in_role(kin.below("parties", line=key), "82")),
        refs=refs(kin.below("refs", line=key)),
    )


def pointers(service: Row) -> list[int]:
    """Read the diagnosis pointers of a professional service; 0 stands for one that is no number."""
    texts = [service.get(f"pointer_{n}", "") for n in range(1, 5)]
    return [int(text) if text.isascii() and text.isdecimal() else 0 for text in texts if text]


def _drug(kin: Kin, line: int) -> Drug | None:
    named = next((row for row in kin.below("drugs", line=line) if row["kind"] == "N4"), None)
    given = kin.first("drug_amounts", line=line)
    return Drug(named["code"], given["units"] if given else None, given["unit_kind"]) if named else None
