"""Say whose work a record is, so that it stands on that person's worklist."""

from ..models import User
from .deeds import Deed, Refused
from .history import record
from .readiness import Subject


def assign(subject: Subject, owner: User | None, deed: Deed) -> None:
    """Give a record to a person, or to nobody. Raises Refused for an account that is disabled."""
    if owner is not None and not owner.active:
        raise Refused(f"The account of {owner.full_name} is disabled: choose somebody else.")
    subject.owner_id = owner.id if owner else None
    whose = f"Given to {owner.full_name}." if owner else "Given to nobody."
    record(subject, "assign", deed, sentence=whose, owner_id=subject.owner_id)
