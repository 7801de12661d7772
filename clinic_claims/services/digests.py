"""Remind people once a day of what falls due: how many items and where to look, never of whom.

The page "What falls due" says the same with names; the e-mail goes out only where a mail server is set. A reminder is
sent at most once: it is marked before it goes, and one that was cut off midway is not tried again.
"""

import smtplib
import ssl
from dataclasses import dataclass
from datetime import timedelta
from email.message import EmailMessage
from typing import Any

from flask import current_app
from sqlalchemy import func, select, update

from ..db import db, transaction
from ..domain.permissions import Permission
from ..models import Job, User, WorkItem
from . import cover
from .deeds import Deed
from .desk import DAYS_AHEAD
from .jobs import Effect, enqueue

KIND = "digest"
BEGUN = "begun"  # stands in the job's error while the mail is on its way
PATIENCE = 20  # seconds for the mail server


class NotSent(RuntimeError):
    """The mail server did not take the mail: it may be tried again."""


@dataclass(frozen=True)
class Counted:
    """How many items are late, and how many are due in each of DAYS_AHEAD days; how many of all a colleague's."""

    late: int
    due: dict[int, int]
    covered: int

    @property
    def total(self) -> int:
        """All of them."""
        return self.late + sum(self.due.values())


def ask(deed: Deed) -> int:
    """Order today's reminder for everybody who has something due; a second time changes nothing. Return how many."""
    if not current_app.config["SMTP_HOST"]:
        return 0
    people = [person for person in db.session.scalars(select(User).where(User.active)) if _wants(person, deed)]
    for person in people:
        payload = {"user": person.id, "on": deed.today.isoformat()}
        enqueue(KIND, payload, deed, key=_key(payload), batch=f"{KIND}:{deed.today}")
    return len(people)


def _wants(person: User, deed: Deed) -> bool:
    return person.may(Permission.CLAIM_READ) and counted(person, deed).total > 0


def _key(payload: dict[str, Any]) -> str:
    return f"{KIND}:{payload['user']}:{payload['on']}"


def counted(person: User, deed: Deed) -> Counted:
    """Count what a person is reminded of: their own, and what they cover for others."""
    others = cover.covered_by(person, deed.today)
    last = deed.today + timedelta(days=max(DAYS_AHEAD))
    mine = (WorkItem.owner_id.in_((person.id, *others)), WorkItem.from_on <= deed.today, WorkItem.act_by <= last)
    query = select(WorkItem.act_by, WorkItem.owner_id, func.count()).where(*mine)
    late, covered, due = 0, 0, dict.fromkeys(sorted(DAYS_AHEAD), 0)
    for day, owner_id, count in db.session.execute(query.group_by(WorkItem.act_by, WorkItem.owner_id)):
        ahead = ((day or deed.today) - deed.today).days
        if ahead >= 0 and ahead not in due:
            continue
        late, covered = late + count * (ahead < 0), covered + count * (owner_id in others)
        if ahead >= 0:
            due[ahead] += count
    return Counted(late, due, covered)


def send(payload: dict[str, Any], deed: Deed) -> Effect:
    """Send one person's reminder, at most once. Raises NotSent where it may be tried again."""
    job = db.session.scalars(select(Job).where(Job.key == _key(payload))).one()
    person, cut_off = db.session.get_one(User, payload["user"]), job.error == BEGUN
    told = counted(person, deed)
    if cut_off or payload["on"] != deed.today.isoformat() or not told.total or not person.active:
        return lambda: {"sent": False, "cut_off": cut_off}
    letter = mail(person.email, told)
    with transaction():
        db.session.execute(update(Job).where(Job.id == job.id).values(error=BEGUN))
    _post(letter)
    return lambda: {"sent": True}


def mail(address: str, told: Counted) -> EmailMessage:
    """Write the reminder: numbers and a link, nothing of any patient, claim or payer."""
    named = {0: "today", 1: "tomorrow"}
    lines = [f"{told.late} late"] if told.late else []
    lines += [f"{count} due {named.get(days, f'in {days} days')}" for days, count in told.due.items() if count]
    letter = EmailMessage()
    letter["From"], letter["To"] = current_app.config["SMTP_SENDER"], address
    letter["Subject"] = f"Clinic Claims: {', '.join(lines[:2])}"
    of_them = f"\nOf these, {told.covered} while you cover for a colleague.\n" if told.covered else ""
    link = f"{current_app.config['ADDRESS'].rstrip('/')}/today/due"
    letter.set_content("\n".join(lines) + f"\n{of_them}\nOpen the list: {link}\n")
    return letter


def _post(letter: EmailMessage) -> None:
    try:
        server = _connect()
    except (OSError, smtplib.SMTPException) as error:
        raise NotSent from error
    with server:
        try:
            server.send_message(letter)
        except (smtplib.SMTPResponseException, smtplib.SMTPRecipientsRefused) as error:
            raise NotSent from error


def _connect() -> smtplib.SMTP:
    settings = current_app.config
    host, port, how = settings["SMTP_HOST"], settings["SMTP_PORT"], settings["SMTP_SECURITY"]
    if how == "tls":
        server: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=PATIENCE, context=ssl.create_default_context())
    else:
        server = smtplib.SMTP(host, port, timeout=PATIENCE)
    if how == "starttls":
        server.starttls(context=ssl.create_default_context())
    if settings["SMTP_USER"]:
        server.login(settings["SMTP_USER"], settings["SMTP_PASSWORD"])
    return server
