"""Shape the parser's rows into reviews."""

from collections.abc import Iterator
from typing import Any

from ..parts import Person, day, in_role, modifiers, period, provider, refs
from ..tables import Kin, Row
from .records import Decision, Rejection, Review, ServiceReview

SUBSCRIBER = "22"
OURS, THEIRS = "2", "1"
LEVELS = {"payer": "payer", "requester": "requester", "member": "patient", "event": "event"}
SERVICE_AS_READ = ("qualifier", "procedure", "description", "unit_kind")
REQUEST_AS_READ = ("category", "certification", "service_type", "facility_code")
Place = dict[str, Any]


def reviews_of(tables: dict[str, list[Row]]) -> tuple[Review, ...]:
    """Build every review of one transaction set, in file order."""
    kin = Kin(tables)
    subscribers = _subscribers(tables["members"])
    found = [_review(place, kin, subscribers) for place in _places(tables)]
    return tuple(sorted((each for each in found if each.rejections or each.from_event), key=lambda each: each.segment))


def _places(tables: dict[str, list[Row]]) -> Iterator[Place]:
    """Yield where answers may stand: every event, and every level above one that nothing follows.

    A place names the rows of all its levels; those it does not reach are None.
    """
    nowhere: Place = dict.fromkeys(LEVELS)
    parents = {(row["batch"], row["parent"]) for row in tables["members"]}
    reached: set[int] = set()
    for level, above in (("event", "member"), ("member", "requester"), ("requester", "payer"), ("payer", "batch")):
        for row in tables[f"{level}s"]:
            is_parent = level == "member" and (row["batch"], row["number"]) in parents
            if row["row"] not in reached and not is_parent:
                yield nowhere | row | {level: row["row"]}
        reached = {row[above] for row in tables[f"{level}s"]}


def _subscribers(members: list[Row]) -> dict[int | None, int]:
    """Say for every member which one is the subscriber: itself, or for a dependent the one that HL02 names."""
    found: dict[int | None, int] = {}
    numbered: dict[tuple[int, str], int] = {}
    for row in members:
        if row["code"] == SUBSCRIBER:
            found[row["row"]] = numbered[row["batch"], row["number"]] = row["row"]
        elif (row["batch"], row["parent"]) in numbered:
            found[row["row"]] = numbered[row["batch"], row["parent"]]
    return found


def _review(place: Place, kin: Kin, subscribers: dict[int | None, int]) -> Review:
    key, batch = place["event"], kin.first("batches", row=place["batch"])
    payer, request = kin.first("payers", row=place["payer"]), kin.first("requests", event=key)
    quantity = kin.first("quantities", event=key)
    return Review(
        **{name: request[name] for name in REQUEST_AS_READ},
        **_said(kin, event=key, service=None),
        segment=place["segment"],
        from_event=key is not None,
        reference=batch["reference"],
        sent_on=batch["sent_on"] or None,
        payer_trace=_trace(kin.below("traces", event=key, service=None), THEIRS),
        payer=payer["name"],
        payer_id=payer["id"],
        requester=provider(kin.first("requesters", row=place["requester"])),
        subscriber=_person(kin, subscribers.get(place["member"])),
        patient=_person(kin, place["member"]),
        diagnoses=tuple(each["code"] for each in kin.below("codes", event=key) if each["code"]),
        quantity=quantity["quantity"] or None,
        quantity_kind=quantity["kind"],
        service_provider=provider(in_role(kin.below("parties", event=key), "SJ", "72", "71")),
        rejections=_rejections(place, kin),
        services=tuple(_service(each, kin) for each in kin.below("services", event=key)),
    )


def _said(kin: Kin, **owner: int | None) -> dict[str, Any]:
    """Read what an event and a service have alike."""
    decided = next(iter(kin.below("decisions", **owner)), None)
    return {
        "trace": _trace(kin.below("traces", **owner), OURS),
        "decision": decided and Decision(decided["segment"], decided["action"], decided["number"], decided["reason"]),
        "dates": tuple(map(period, kin.below("dates", **owner))),
        "refs": refs(kin.below("refs", **owner)),
        "messages": tuple(row["text"] for row in kin.below("messages", **owner)),
    }


def _service(row: Row, kin: Kin) -> ServiceReview:
    key = row["row"]
    service = kin.first("professional", service=key) or kin.first("institutional", service=key)
    return ServiceReview(
        **{name: service[name] for name in SERVICE_AS_READ},
        **_said(kin, service=key),
        segment=row["segment"],
        modifiers=modifiers(service),
        revenue_code=service.get("revenue_code", ""),
        units=service["units"] or None,
        rejections=tuple(_rejection(each, "service") for each in kin.below("rejections", service=key)),
    )


def _rejections(place: Place, kin: Kin) -> tuple[Rejection, ...]:
    """Gather the rejections of a place and of all levels above it."""
    found: list[Rejection] = []
    owner: dict[str, int | None] = {"batch": place["batch"], **dict.fromkeys(LEVELS), "service": None}
    for level in LEVELS:
        if place[level] is not None:
            owner[level] = place[level]
            found += (_rejection(row, LEVELS[level]) for row in kin.below("rejections", **owner))
    return tuple(found)


def _rejection(row: Row, level: str) -> Rejection:
    return Rejection(row["segment"], level, row["reason"], row["follow_up"])


def _person(kin: Kin, member: int | None) -> Person:
    named, known = in_role(kin.below("persons", member=member), "QC", "IL"), kin.first("demographics", member=member)
    return Person(named["last"], named["first"], named["id"], day(known["born_on"]), known["sex"])


def _trace(traces: list[Row], kind: str) -> str:
    return next((row["number"] for row in traces if row["kind"] == kind), "")
