"""Keep a report under a name, for oneself or for all, and say when it is due again."""

from datetime import date, timedelta
from urllib.parse import parse_qsl, urlencode

from sqlalchemy import or_, select

from ..db import db
from ..models import SavedReport
from .deeds import Deed, Refused
from .history import record

REPORTS = {
    "denied": "Denied claims",
    "measures": "Measures",
    "approved_then_denied": "Approved, then denied",
    "scorecard": "Payer scorecard",
    "what_works": "What works",
}
RHYTHMS = {"never": "Not scheduled", "week": "Every week", "month": "Every month", "quarter": "Every quarter"}
LEFT_OUT = ("format", "at", "csrf_token")  # parts of an address that are no filter


def save(name: str, report: str, query: str, every: str, deed: Deed, *, shared: bool = False) -> SavedReport:
    """Keep a report; one of the person's own with that name is replaced. Raises Refused for a report unknown."""
    if report not in REPORTS or every not in RHYTHMS:
        raise Refused("This report, or this rhythm, is not known.")
    if deed.user_id is None or not name.strip():
        raise Refused("Give the report a name.")
    mine = select(SavedReport).where(SavedReport.owner_id == deed.user_id, SavedReport.name == name.strip())
    saved = db.session.scalar(mine) or SavedReport(name=name.strip(), owner_id=deed.user_id, created_at=deed.at)
    saved.report, saved.query, saved.shared, saved.every = report, kept(query), shared, every
    saved.next_on = after(deed.today, every)
    record(saved, "save_report", deed, sentence=f"Report “{saved.name}” kept. {RHYTHMS[every]}.")
    return saved


def kept(query: str) -> str:
    """Return the filters of an address alone."""
    pairs = parse_qsl(query.lstrip("?"), keep_blank_values=False)
    return urlencode([(name, value) for name, value in pairs if name not in LEFT_OUT])


def after(day: date, every: str) -> date | None:
    """Return the first day of the next week, month or quarter; None when it is not scheduled."""
    match every:
        case "week":
            return day + timedelta(7 - day.weekday())
        case "month":
            return _first_of(day.year, day.month + 1)
        case "quarter":
            return _first_of(day.year, day.month + 3 - (day.month - 1) % 3)
        case _:
            return None


def _first_of(year: int, month: int) -> date:
    return date(year + (month - 1) // 12, (month - 1) % 12 + 1, 1)


def visible(deed: Deed) -> list[SavedReport]:
    """Return the person's own reports and those shared, what is due first."""
    query = select(SavedReport).where(or_(SavedReport.owner_id == deed.user_id, SavedReport.shared))
    return list(
        db.session.scalars(query.order_by(SavedReport.next_on.is_(None), SavedReport.next_on, SavedReport.name))
    )


def due(deed: Deed) -> list[SavedReport]:
    """Return the person's own reports whose day has come."""
    query = select(SavedReport).where(SavedReport.owner_id == deed.user_id, SavedReport.next_on <= deed.today)
    return list(db.session.scalars(query.order_by(SavedReport.next_on, SavedReport.id)))


def opened(saved: SavedReport, deed: Deed) -> None:
    """Note that the report was looked at: when it was due for its owner, its next day is set."""
    if saved.owner_id != deed.user_id:
        return
    saved.opened_on = deed.today
    if saved.next_on is not None and saved.next_on <= deed.today:
        saved.next_on = after(deed.today, saved.every)


def find(key: int, deed: Deed) -> SavedReport | None:
    """Return a report that the person may see."""
    saved = db.session.get(SavedReport, key)
    return saved if saved and (saved.shared or saved.owner_id == deed.user_id) else None


def remove(saved: SavedReport, deed: Deed) -> None:
    """Forget a report. Raises Refused for another person's."""
    if saved.owner_id != deed.user_id:
        raise Refused(f"Only {saved.owner.full_name}, who keeps this report, can remove it.")
    record(saved, "remove_report", deed, sentence=f"Report “{saved.name}” removed.")
    db.session.delete(saved)
