"""Stories of visits: four mistakes stopped before they became denials, a vial that two patients share, an operation."""

from decimal import Decimal
from typing import Any

from ...db import db
from ...models import Authorization, Vial, Visit
from .. import benefits, checklists, estimates, sessions, surgery, vials, visits
from ..deeds import Deed, Refused
from ..estimates import Priced
from ..sessions import Site
from ..visits import Planned
from . import desk
from .folders import Folder, open_folder
from .stage import Scene, Stage

LATER = "No further patient with this product today; single-dose vial"


def four_mistakes(stage: Stage) -> Scene[None]:
    """The next session of a running series is booked right at the fifth attempt: each mistake names its denial."""
    yield stage.at("2026-11-09 09:00", "rosa")
    folder = stage.folders["okafor"]
    approval = yield from desk.asked(stage, folder, "office", ["64612-LT*1", "J0585*100"], "2026-11-09 09:20")
    yield from desk.granted(stage, approval, "2026-11-12 15:10", "CR-77120", ("2026-11-16", "2027-02-15"))
    deed = yield stage.at("2026-11-13 10:00", "rosa")
    _ask_benefits(folder, deed)
    two_vials = [Planned(code="64612", units=1, diagnosis="G51.32", modifier="LT")]
    two_vials += [Planned(code="J0585", units=200, diagnosis="G51.32")]
    _stopped(stage, folder, approval, "2026-12-08", deed)  # day 77
    _stopped(stage, folder, approval, "2026-12-15", deed, services=two_vials)
    _stopped(stage, folder, approval, "2026-12-15", deed, side="right")
    _stopped(stage, folder, approval, "2026-12-15", deed, place="outpatient")
    visit = _book(stage, folder, approval, "2026-12-15", deed)
    _estimate(folder, visit, deed)
    checklists.make_tasks(approval, stage.people["rosa"], stage.day("2026-12-01"), deed)


def _ask_benefits(folder: Folder, deed: Deed) -> None:
    benefits.check(
        folder.coverage,
        deed,
        case=folder.case,
        number_called="(800) 555-0190, from the card",
        spoke_with="Imani, provider services",
        reference="CR-C-550912",
        covered="Yes, under the medical benefit, with prior authorization",
        to_get_covered="Prior authorization for drug and procedure; clinic notes with a severity scale",
        in_network=True,
        plan_kind="PPO",
        approval_needed=True,
        deductible=Decimal("1500.00"),
        deductible_left=Decimal("180.00"),
        copay=Decimal("40.00"),
        coinsurance=Decimal("20.00"),
        out_of_pocket_left=Decimal("2100.00"),
        route="buy_and_bill",
        pays_waste=True,
        preferred=["J0585"],
    )


def _book(
    stage: Stage, folder: Folder, approval: Authorization, told: str, deed: Deed, *, place: str = "office", **more: Any
) -> Visit:
    case, facility = folder.case, stage.facilities[place]
    return visits.schedule(
        case, folder.coverage, case.provider, facility, stage.day(told), deed, authorization=approval, **more
    )


def _stopped(stage: Stage, folder: Folder, approval: Authorization, told: str, deed: Deed, **wrong: Any) -> None:
    """Try to book a visit that would be denied; the history keeps why it was stopped."""
    try:
        with db.session.begin_nested():
            _book(stage, folder, approval, told, deed, **wrong)
    except Refused as refused:
        visits.note_stopped(folder.case, stage.day(told), refused, deed)
    else:
        raise RuntimeError(f"A visit that would be denied was booked: {told} {wrong}")


def _estimate(folder: Folder, visit: Visit, deed: Deed) -> None:
    priced = [
        Priced(code="64612", units=1, allowed=Decimal("188.00"), cash=Decimal("250.00")),
        Priced(code="J0585", units=100, allowed=Decimal("655.00"), cash=Decimal("690.00")),
    ]
    hours, cost = Decimal("5.00"), Decimal("48.00")
    made = estimates.make(folder.case, folder.coverage, priced, deed, visit=visit, appeal_hours=hours, hourly_cost=cost)
    estimates.print_notice(made, deed)


def one_vial_for_two(stage: Stage) -> Scene[None]:
    """Two patients of one afternoon share a vial: the last one bears the waste, and the log closes at zero."""
    deed = yield stage.at("2026-11-02 09:10", "rosa")
    folders = [open_folder(stage, name, deed) for name in ("ferrante", "holm")]
    booked = [
        visits.schedule(
            folder.case,
            folder.coverage,
            folder.case.provider,
            stage.facilities["office"],
            stage.day("2026-11-13"),
            deed,
        )
        for folder in folders
    ]
    deed = yield stage.at("2026-11-13 13:30", "rosa")
    for folder in folders:
        benefits.recheck(folder.coverage, deed, active=True, how="portal", reference=f"E{folder.patient.mrn[3:]}")
    deed = yield stage.at("2026-11-13 14:40", "park")
    office = stage.facilities["office"]
    vial = vials.open_vial("J0585", 100, "D0293", stage.day("2027-09-30"), office, deed)
    _inject(booked[0], "right", ("12.5", "7.5", "5"), "5", vial, deed)
    deed = yield stage.at("2026-11-13 15:20", "park")
    _inject(booked[1], "left", ("15", "10", "5"), "6", vial, deed)
    deed = yield stage.at("2026-11-13 17:30", "park")
    vials.close_day(deed.today, office, LATER, deed)


def _inject(visit: Visit, side: str, units: tuple[str, ...], scale: str, vial: Vial, deed: Deed) -> None:
    muscles = ("Orbicularis oculi", "Zygomaticus major", "Risorius")
    sites = [Site(muscle=name, side=side, units=Decimal(each)) for name, each in zip(muscles, units, strict=True)]
    sessions.perform(
        visit,
        sites,
        [vial],
        deed,
        scale="Jankovic Rating Scale",
        scale_before=Decimal(scale),
        dilution="100 units in 4 mL",
    )


def operation_in_parts(stage: Stage) -> Scene[None]:
    """One operation, and everybody who bills for it under an approval of their own."""
    deed = yield stage.at("2026-11-13 09:00", "rosa")
    folder = stage.folders["hollis"]
    place = stage.facilities["inpatient"]
    planned = surgery.plan(folder.case, place, "61458", deed, on=stage.day("2026-12-09"))
    surgeon = folder.case.provider
    surgery.add_part(
        planned, "surgeon", surgeon.name, deed, npi=surgeon.npi, code="61458", in_network=True, provider=surgeon
    )
    outside: dict[str, Any] = {"ours": False, "in_network": True}
    surgery.add_part(planned, "facility", place.name, deed, npi=place.npi, **outside)
    surgery.add_part(planned, "inpatient", place.name, deed, npi=place.npi, days=3, **outside)
    surgery.add_part(planned, "anesthesia", "Westmere Anesthesia Partners", deed, **outside)
    surgery.add_part(planned, "monitoring", "Gulf Neuromonitoring", deed, code="95940", ours=False)


STORIES = (four_mistakes, one_vial_for_two, operation_in_parts)
