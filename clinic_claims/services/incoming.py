"""A claim as a file tells of it, and the people, plan and case on record that it belongs to, entered where missing.

The same for an 837 and for a row of a spreadsheet. What is entered must be told by the file or its codes: nothing is
guessed, and what cannot be known is a reason why the claim was left out.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import func, or_, select

from ..db import db
from ..domain.codes import side_of_diagnosis, side_of_modifiers
from ..models import Coverage, Facility, Patient, Payer, Plan, Provider, TreatmentCase
from ..rulebook import Rulebook
from . import patients
from .claims import Line
from .deeds import Deed, Refused
from .import_runs import Tracker
from .pairing import packed

TREATMENTS = {"toxin_injection": "toxin", "mvd": "mvd"}  # by the group of a procedure
CONDITIONS = {  # by the start of the diagnosis code
    "G51.3": "hemifacial_spasm",
    "G24.5": "blepharospasm",
    "G24.3": "cervical_dystonia",
    "J38.": "spasmodic_dysphonia",
    "G50.0": "trigeminal_neuralgia",
    "G52.1": "glossopharyngeal_neuralgia",
}
SEXES = {"M": "male", "F": "female"}


@dataclass(frozen=True, kw_only=True)
class Incoming:
    """One claim of a file. `place` is its segment or row; empty text and None mean that the file does not say."""

    place: int
    number: str
    last: str = ""
    first: str = ""
    member_id: str = ""
    born_on: date | None = None
    sex: str = ""
    mrn: str = ""
    payer: str = ""
    payer_id: str = ""
    group_number: str = ""
    relationship: str = "self"
    provider_npis: tuple[str, ...] = ()
    provider_name: str = ""
    facility_npis: tuple[str, ...] = ()
    place_of_service: str = ""
    authorization: str = ""
    lines: tuple[Line, ...] = ()
    service_from: date | None = None
    service_to: date | None = None
    submitted_on: date | None = None
    frequency: str = "1"
    replaces: str = ""


@dataclass(frozen=True)
class Parties:
    """Whom a claim belongs to."""

    case: TreatmentCase
    coverage: Coverage
    provider: Provider
    facility: Facility


def parties_of(told: Incoming, tracker: Tracker, deed: Deed) -> Parties:
    """Find patient, coverage, case, provider and place; enter what the file tells. Raises Refused with reasons."""
    found = _look(told, deed.book)
    if found.reasons or found.provider is None or found.facility is None or not found.treatment or found.plan is None:
        raise Refused(*found.reasons)
    coverage = found.coverage or _coverage(told, found.plan, tracker, deed)
    case = _case(told, coverage.patient, found.treatment, found.provider, tracker, deed)
    return Parties(case, coverage, found.provider, found.facility)


def obstacles(told: Incoming, book: Rulebook) -> list[str]:
    """Say why a claim that is new would be left out, as far as that is known without entering anything."""
    found = _look(told, book)
    patient = found.coverage.patient if found.coverage else known_patient(told)
    if not found.treatment or (patient and _cases(patient, found.treatment)):
        return found.reasons
    return [*found.reasons, *filter(None, [_case_untold(told, found.treatment, book)])]


@dataclass(frozen=True)
class _Known:
    """What is on record of whom a claim belongs to, and what is missing."""

    provider: Provider | None
    facility: Facility | None
    treatment: str | None
    coverage: Coverage | None
    plan: Plan | None
    reasons: list[str]


def _look(told: Incoming, book: Rulebook) -> _Known:
    reasons: list[str] = []
    provider, facility = _provider(told, reasons), _facility(told, reasons)
    treatment = treatment_of(told, book)
    if treatment is None:
        reasons.append("Its codes are neither a toxin injection nor a decompression.")
    coverage = _known_coverage(told)
    plan = coverage.plan if coverage else _plan(told, reasons)
    if coverage is None and not (told.last and told.born_on):
        reasons.append("The patient is not on file, and the file gives no name and date of birth to enter one.")
    return _Known(provider, facility, treatment, coverage, plan, reasons)


def treatment_of(told: Incoming, book: Rulebook) -> str | None:
    """Tell from the codes what was given: a toxin, its injection, or a decompression."""
    for line in told.lines:
        if line.code in book.codes.products:
            return "toxin"
        known = book.codes.procedures.get(line.code)
        if known and known.group in TREATMENTS:
            return TREATMENTS[known.group]
    return None


def _known_coverage(told: Incoming) -> Coverage | None:
    """Find the coverage by member ID, and by birth date or name beside it: one number serves a whole family."""
    if not told.member_id:
        patient = None if told.payer or told.payer_id else known_patient(told)
        return patient.coverages[0] if patient and len(patient.coverages) == 1 else None
    bare = func.upper(func.replace(func.replace(Coverage.member_id, " ", ""), "-", ""))
    found = db.session.scalars(select(Coverage).where(bare == packed(told.member_id)).order_by(Coverage.rank))
    return next((each for each in found if _is_patient(each.patient, told)), None)


def _is_patient(patient: Patient, told: Incoming) -> bool:
    named = patients.name_key(told.last, told.first)
    if told.born_on and patient.born_on != told.born_on:
        return False
    same_name = not told.last or patient.name_key == named or patient.name_key.startswith(f"{named} ")
    return same_name or (told.born_on is not None and named.split()[:1] == patient.name_key.split()[:1])


def known_patient(told: Incoming) -> Patient | None:
    """Find the patient by record number, else by name and date of birth."""
    if told.mrn and (found := db.session.scalar(select(Patient).where(Patient.mrn == told.mrn))):
        return found if _is_patient(found, told) else None
    if not told.born_on or not told.last:
        return None
    key = patients.name_key(told.last, told.first)
    return db.session.scalar(select(Patient).where(Patient.name_key == key, Patient.born_on == told.born_on))


def _coverage(told: Incoming, plan: Plan, tracker: Tracker, deed: Deed) -> Coverage:
    """Enter the coverage, and the patient too where nobody of that name and birth date is on file."""
    patient = known_patient(told)
    if patient is None:
        mrn = told.mrn or f"{plan.payer.edi_id or plan.payer_id}-{packed(told.member_id) or told.number}"
        more: dict[str, Any] = {"born_on": told.born_on, "sex": SEXES.get(told.sex)}
        patient = patients.enter(deed, mrn=mrn, last_name=_cased(told.last), first_name=_cased(told.first), **more)
        tracker.made(told.place, patient)
    same = next((each for each in patient.coverages if each.plan_id == plan.id and not told.member_id), None)
    if same is not None:
        return same
    taken = {each.rank for each in patient.coverages}
    rank = next((number for number in (1, 2, 3) if number not in taken), None)
    if rank is None:
        raise Refused("The patient has three coverages already: end one, then import again.")
    more = {"rank": rank, "group_number": told.group_number or None, "relationship_to_subscriber": told.relationship}
    coverage = patients.add_coverage(patient, plan, told.member_id, deed, **more)
    db.session.flush()
    tracker.made(told.place, coverage)
    return coverage


def _cased(name: str) -> str:
    """Write a name that a file gives in capitals as letters to people write it."""
    return name.title() if name.isupper() else name


def _plan(told: Incoming, reasons: list[str]) -> Plan | None:
    """Find the plan: of a payer that is known and has no more than one, or one of that name."""
    named = told.payer.casefold()
    by_id = [Payer.edi_id == told.payer_id] if told.payer_id else []
    everyone, so_named = select(Payer).order_by(Payer.id), func.lower(Payer.name) == told.payer.lower()
    payers = list(db.session.scalars(everyone.where(or_(*by_id, so_named))))
    payers = payers or [each for each in db.session.scalars(everyone) if told.payer and told.payer in each.aliases]
    if not payers:
        reasons.append(f"Payer {told.payer or told.payer_id or 'unnamed'} is not on file: enter it with its plan.")
        return None
    plans = [plan for payer in payers for plan in payer.plans]
    exact = [plan for plan in plans if plan.name.casefold() in (named, told.group_number.casefold())]
    if len(fits := exact or plans) == 1:
        return fits[0]
    reasons.append(f"{payers[0].name} has {len(plans) or 'no'} plans on file: enter the patient's coverage first.")
    return None


def _provider(told: Incoming, reasons: list[str]) -> Provider | None:
    for npi in filter(None, told.provider_npis):
        if found := db.session.scalar(select(Provider).where(Provider.npi == npi)):
            return found
    everyone = list(db.session.scalars(select(Provider).order_by(Provider.id)))
    named = told.provider_name.casefold()
    if named and (found := next((each for each in everyone if _same(each, named)), None)):
        return found
    if len(everyone) == 1 and not any(told.provider_npis[:1]):
        return everyone[0]
    said = next(filter(None, (*told.provider_npis, told.provider_name)), "unnamed")
    reasons.append(f"Provider {said} is not on file: enter the provider first.")
    return None


def _same(provider: Provider, named: str) -> bool:
    """Compare names as sets of words, without credentials."""
    return set(named.replace(",", " ").split()) <= set(provider.name.casefold().replace(",", " ").split())


def _facility(told: Incoming, reasons: list[str]) -> Facility | None:
    everywhere = list(db.session.scalars(select(Facility).order_by(Facility.id)))
    for npi in filter(None, told.facility_npis):
        same = [each for each in everywhere if each.npi == npi]
        if found := next((each for each in same if each.place_of_service == told.place_of_service), None):
            return found
        if len(same) == 1 and not told.place_of_service:
            return same[0]
    fits = [each for each in everywhere if told.place_of_service in ("", each.place_of_service)]
    if len(fits) == 1:
        return fits[0]
    reasons.append(f"Place of service {told.place_of_service or 'not given'}: no single place of that kind is on file.")
    return None


def _case(
    told: Incoming, patient: Patient, treatment: str, provider: Provider, tracker: Tracker, deed: Deed
) -> TreatmentCase:
    """Find the patient's case of this treatment, that of the diagnosis first; open one that the codes tell whole."""
    cases, diagnoses = _cases(patient, treatment), _diagnoses(told)
    if found := next((case for case in cases if case.diagnosis in diagnoses), next(iter(cases), None)):
        return found
    if untold := _case_untold(told, treatment, deed.book):
        raise Refused(untold)
    main = next(code for code in diagnoses if _condition(code))
    product = next((line.code for line in told.lines if line.code in deed.book.codes.products), None)
    case = patients.open_case(
        patient, provider, deed, treatment=treatment, condition=_condition(main), diagnosis=main,
        side=_side(told, main, deed.book), product=product,
    )  # fmt: skip
    tracker.made(told.place, case)
    return case


def _cases(patient: Patient, treatment: str) -> list[TreatmentCase]:
    same = (TreatmentCase.patient_id == patient.id, TreatmentCase.treatment == treatment)
    return list(db.session.scalars(select(TreatmentCase).where(*same).order_by(TreatmentCase.id.desc())))


def _diagnoses(told: Incoming) -> list[str]:
    return list(dict.fromkeys(line.diagnosis for line in told.lines if line.diagnosis))


def _case_untold(told: Incoming, treatment: str, book: Rulebook) -> str:
    """Say why the codes do not tell what a case of this treatment is; "" when they do."""
    if not any(map(_condition, _diagnoses(told))):
        return f"No diagnosis says what the {treatment} treats: open the treatment case first."
    if treatment == "toxin" and not any(line.code in book.codes.products for line in told.lines):
        return "The claim names no toxin: open the treatment case first."
    return ""


def _condition(diagnosis: str) -> str:
    return next((name for start, name in CONDITIONS.items() if diagnosis.startswith(start)), "")


def _side(told: Incoming, diagnosis: str, book: Rulebook) -> str:
    """Take the side of the diagnosis, else of the modifiers, else none."""
    said = side_of_diagnosis(book.codes, diagnosis)
    if said in ("right", "left", "both"):
        return said
    return side_of_modifiers([modifier for line in told.lines for modifier in line.modifiers]) or "none"
