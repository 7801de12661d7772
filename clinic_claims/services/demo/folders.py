"""Enter the charts as time goes by: papers first, then what stands on them.

The papers are printed from the chart's own entries, so a letter's exhibits hold what the letter quotes from them.
"""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from ...domain.words import day
from ...models import Coverage, Document, Patient, TreatmentCase
from .. import documents, patients
from ..deeds import Deed
from .charts import Chart, Criterion, Finding, OnPaper, Paper, Policy, Session, Tried, charts
from .papers import Entry, sheet
from .stage import Stage

LONG_AGO = date(2000, 1, 1)
LABELS = {
    "examination": "Examination",
    "severity": "Severity",
    "function": "What the patient cannot do",
    "imaging": "Imaging",
    "differential": "Other causes",
    "emg": "EMG",
    "hearing": "Hearing",
    "fitness": "Fitness for anesthesia",
    "consent": "Risks discussed",
}


@dataclass
class Folder:
    """A patient's chart with what has been entered of it so far."""

    chart: Chart
    patient: Patient
    coverage: Coverage
    case: TreatmentCase
    papers: dict[str, Document] = field(default_factory=dict)
    entered: set[int] = field(default_factory=set)


def open_folder(stage: Stage, name: str, deed: Deed) -> Folder:
    """Enter a patient with coverage and case, and what the chart holds by now."""
    chart = charts()[name]
    fields = ("mrn", "last_name", "first_name", "born_on", "sex", "phone", "address")
    patient = patients.enter(deed, **{key: getattr(chart, key) for key in fields})
    starts = stage.day("2026-01-01")
    plan = stage.plans[chart.plan]
    coverage = patients.add_coverage(
        patient, plan, chart.member_id, deed, group_number=chart.group_number, starts_on=starts
    )
    told = {key: stage.text(value) if isinstance(value, str) else value for key, value in chart.case.items()}
    case = patients.open_case(patient, stage.providers[chart.provider], deed, **told)
    folder = stage.folders[name] = Folder(chart, patient, coverage, case)
    keep_up(stage, folder, deed)
    return folder


def keep_up(stage: Stage, folder: Folder, deed: Deed) -> None:
    """Enter what the chart holds up to today and was not entered before: papers first, then what stands on them."""
    chart = folder.chart
    for paper in chart.papers:
        if paper.id not in folder.papers and stage.day(paper.dated) <= deed.today:
            folder.papers[paper.id] = _file(stage, folder, paper, deed)
    for finding in _due(folder, chart.findings, stage, deed):
        _note_finding(stage, folder, finding, deed)
    for tried in _due(folder, chart.tried, stage, deed):
        _note_tried(stage, folder, tried, deed)
    for session in _due(folder, chart.sessions, stage, deed):
        _note_session(stage, folder, session, deed)
    if chart.policy and chart.policy.paper in folder.papers:
        for criterion in _due(folder, chart.policy.criteria, stage, deed):
            _note_criterion(stage, folder, chart.policy, criterion, deed)


def _due(folder: Folder, entries: tuple[Any, ...], stage: Stage, deed: Deed) -> list[Any]:
    """Return what may be entered now: its day has come and its paper is filed."""
    due = [
        entry
        for entry in entries
        if id(entry) not in folder.entered
        and (entry.paper is None or entry.paper in folder.papers)
        and stage.day(getattr(entry, "on", None) or getattr(entry, "stopped", LONG_AGO)) <= deed.today
    ]
    folder.entered.update(map(id, due))
    return due


def _file(stage: Stage, folder: Folder, paper: Paper, deed: Deed) -> Document:
    title = stage.text(paper.title)
    who = ("Patient", f"{folder.patient.full_name}, record {folder.patient.mrn}")
    pages = [[who, *_entries(stage, folder.chart, paper.id, page)] for page in range(1, paper.pages + 1)]
    return documents.add(
        sheet(paper.by, title, pages),
        paper.kind,
        title,
        deed,
        about=folder.case,
        file_name=f"{folder.patient.mrn.lower()}-{paper.id}.pdf",
        pages=paper.pages,
        dated_on=stage.day(paper.dated),
    )


def _entries(stage: Stage, chart: Chart, paper: str, page: int) -> list[Entry]:
    """Return what stands on a page: findings, medicines, sessions; for a policy its criteria."""
    found: list[Entry] = []
    for row in (*chart.findings, *chart.tried, *chart.sessions):
        if (row.paper, row.page) == (paper, page):
            found.append(_entry(stage, row))
    if chart.policy and chart.policy.paper == paper and page == 1:
        policy = chart.policy
        found.append(("Policy", f"{policy.number}, {policy.title}, {stage.text(policy.version)}"))
        found += [(f"Criterion {at}", criterion.text) for at, criterion in enumerate(policy.criteria, start=1)]
    return found


def _entry(stage: Stage, row: Finding | Tried | Session) -> Entry:
    match row:
        case Finding():
            return f"{LABELS[row.kind]}, {day(stage.day(row.on))}", _sentence(stage.text(row.words))
        case Tried():
            when = f"{day(stage.day(row.started))} to {day(stage.day(row.stopped))}"
            return f"{row.name}, {row.dose}", f"{when}. {row.result}. {row.reason}."
        case Session():
            what = f"{row.units} units injected, {row.discarded} discarded, lot {row.lot}"
            return f"Session, {day(stage.day(row.on))}", _sentence(f"{what}. {stage.text(row.response or '')}".strip())


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:].rstrip(".") + "."


def _where(folder: Folder, row: OnPaper) -> dict[str, Any]:
    return {"document_id": folder.papers[row.paper].id, "page": row.page} if row.paper else {}


def _note_finding(stage: Stage, folder: Folder, row: Finding, deed: Deed) -> None:
    told = {"kind": row.kind, "on": stage.day(row.on), "name": row.name, "value": row.value}
    patients.add_finding(folder.case, deed, **told, words=stage.text(row.words), **_where(folder, row))


def _note_tried(stage: Stage, folder: Folder, row: Tried, deed: Deed) -> None:
    patients.add_prior_treatment(
        folder.case,
        deed,
        name=row.name,
        dose=row.dose,
        started_on=stage.day(row.started),
        stopped_on=stage.day(row.stopped),
        result=row.result,
        reason_stopped=row.reason,
        **_where(folder, row),
    )


def _note_session(stage: Stage, folder: Folder, row: Session, deed: Deed) -> None:
    where = _where(folder, row)
    where.pop("page", None)
    patients.add_injection(
        folder.case,
        deed,
        on=stage.day(row.on),
        product=row.product,
        units=row.units,
        units_discarded=row.discarded,
        lot=row.lot,
        response=stage.text(row.response) if row.response else None,
        benefit_weeks=Decimal(row.weeks) if row.weeks is not None else None,
        **where,
    )


def _note_criterion(stage: Stage, folder: Folder, policy: Policy, row: Criterion, deed: Deed) -> None:
    patients.add_criterion(
        folder.case,
        deed,
        policy_number=policy.number,
        policy_title=policy.title,
        policy_version=stage.text(policy.version),
        text=row.text,
        met=stage.text(row.met),
        **_where(folder, row),
    )
