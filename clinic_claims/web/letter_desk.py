"""The letter that a page composes: its record, its kind, what is asked for it alone, and where its pages are."""

from dataclasses import dataclass
from typing import Any

from flask import abort, url_for
from wtforms import TextAreaField

from ..domain.letters import LetterKind
from ..domain.lifecycle import AppealState
from ..models import Appeal, Authorization, Denial
from ..services import drafts
from ..services.drafts import Subject
from .forms import optional
from .records import RecordForm, seen
from .security import this_deed

RECORDS: dict[str, type[Any]] = {"denial": Denial, "authorization": Authorization, "appeal": Appeal}


@dataclass(frozen=True)
class Desk:
    """A letter under work, as its pages name it."""

    subject: Subject
    kind: str

    @property
    def here(self) -> dict[str, Any]:
        """Return what the addresses of its pages hold."""
        return {"table": self.subject.__tablename__, "key": self.subject.id, "kind": self.kind}

    @property
    def home(self) -> str:
        """Return the address of the letter's own page."""
        if isinstance(self.subject, Appeal):
            return url_for("letters.show", appeal_id=self.subject.id)
        return url_for("correspondence.show", **self.here)

    @property
    def sheet(self) -> str:
        """Return the address of the letter's page for the frame."""
        if isinstance(self.subject, Appeal):
            return url_for("letters.page", appeal_id=self.subject.id)
        return url_for("correspondence.sheet", **self.here)

    @property
    def is_open(self) -> bool:
        """Whether its words may still change: an appeal's until it goes to the physician."""
        return not isinstance(self.subject, Appeal) or self.subject.state == AppealState.DRAFTING


def desk_of(appeal: Appeal) -> Desk:
    """Return the letter of an appeal, of the kind that its level asks for."""
    return Desk(appeal, drafts.usual_kind(appeal, this_deed().book))


def open_desk(table: str, key: int, kind: str, **data: Any) -> Desk:
    """Open a letter by what its address holds; 404 for anything else. The view goes into the history."""
    subject = seen(RECORDS.get(table) or abort(404), key, **data)
    if kind not in this_deed().book.letters.kinds:
        abort(404)
    return desk_of(subject) if isinstance(subject, Appeal) else Desk(subject, kind)


class ParticularsForm(RecordForm):
    """What the record does not hold and this letter needs."""

    recipient = TextAreaField(
        "Address", [optional()], render_kw={"rows": 4}, description="One line each; empty means the usual one."
    )
    explanation = TextAreaField(
        "What happened, in your words",
        [optional()],
        render_kw={"rows": 4},
        description="At a higher level: your answer to the reasons of the last decision.",
    )
    expedited_reason = TextAreaField("Why the standard time is too long", [optional()], render_kw={"rows": 3})

    def wants(self, desk: Desk, kind: LetterKind) -> None:
        """Leave out what this letter does not print."""
        appeal = desk.subject if isinstance(desk.subject, Appeal) else None
        told = "explained" in kind.needs or (kind.argued and "denial" in kind.parts)
        if appeal is None and not told:
            del self.explanation
        urgent = appeal.denial.claim_id is None if appeal else "urgency_stated" in kind.needs
        if not urgent:
            del self.expedited_reason

    def tells(self, desk: Desk, address: tuple[str, ...]) -> None:
        """Show what was entered before, and the address that stands on the letter."""
        typed = drafts.particulars(desk.subject, desk.kind)
        for name in ("explanation", "expedited_reason"):
            if name in self and typed:
                self[name].data = getattr(typed, name)
        self.recipient.data = "\n".join(address)
        self.shows(desk.subject)

    @property
    def told(self) -> dict[str, Any]:
        """Return what was entered, the address as lines."""
        lines = [line.strip() for line in (self.recipient.data or "").splitlines() if line.strip()]
        more = {name: self[name].data or None for name in ("explanation", "expedited_reason") if name in self}
        return {"recipient": lines, **more}


def particulars_form(desk: Desk, **options: Any) -> ParticularsForm:
    """Return the form with what this letter asks for."""
    form = ParticularsForm(**options)
    form.wants(desk, this_deed().book.letters.kinds.get(desk.kind) or abort(404))
    return form
