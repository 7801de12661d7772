from clinic_claims.db import transaction
from clinic_claims.services import accounts, bar, emergencies, notes, owners, worklist
from clinic_claims.services.bar import Counted

from .test_worklist import deny


def test_each_counts_what_is_theirs_and_nobodys(submitted, deed, later):
    with transaction():
        ann, ben = (accounts.add_user(f"{name} Reyes", f"{name}@clinic.example", ["biller"], deed)[0] for name in "ab")
    owned = [deny(submitted, deed, carc, amount="50.00") for carc in ("50", "55", "96")]
    with transaction():
        for denial, owner in zip(owned, (ann, ben, None), strict=True):
            owners.assign(denial, owner, deed)
    for on in (deed, later(400)):
        late = [item.owner_id for item in worklist.items(on) if worklist.urgency(item, on.today) == "Late"]
        assert bar.count(ann.id, (), on, of_all=False).late == sum(owner in (ann.id, None) for owner in late)
        assert bar.count(ann.id, (ben.id,), on, of_all=False).late == len(late)
        assert bar.count(ann.id, (), on, of_all=True).late == len(late)
    assert {ann.id, ben.id, None} == set(late)


def test_emergencies_and_notes_are_counted_until_they_are_read(submitted, deed, later):
    with transaction():
        ann, eve = (
            accounts.add_user(f"{name} Reyes", f"{name}@clinic.example", [role], deed)[0]
            for name, role in (("ann", "manager"), ("eve", "administrator"))
        )
    assert bar.count(ann.id, (), deed, of_all=True) == Counted(0, 0, 0)
    with transaction():
        opened = emergencies.open_access(eve, "A patient collapsed in the hall.", deed)
        note = notes.add(submitted, "note", "@ann please look", deed)
    assert bar.count(ann.id, (), deed, of_all=True) == Counted(0, 1, 1)
    assert bar.count(eve.id, (), deed, of_all=True) == Counted(0, 1, 0)
    with transaction():
        emergencies.review(opened, later(1))
        notes.mark_read(note, ann, later(1))
    assert bar.count(ann.id, (), deed, of_all=True) == Counted(0, 0, 0)
