"""Every page of the route table, with records of the demo in its address."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import Select, func, select

from clinic_claims.db import db
from clinic_claims.models import (
    Appeal,
    Authorization,
    Claim,
    ClaimPayment,
    ContractTerm,
    Deadline,
    Denial,
    Estimate,
    Injection,
    Letter,
    Note,
    Payer,
    PeerToPeer,
    Provider,
    Remittance,
    SavedReport,
    SurgicalCase,
    SurgicalPart,
    TreatmentCase,
    User,
    Visit,
    WorkItem,
)
from clinic_claims.web.patients import TO_CASE, TO_PATIENT
from clinic_claims.web.setup import STEPS

OWED = select(Claim.id).join(Denial, Denial.claim_id == Claim.id).where(Denial.state == "open")
DRAFTED = select(Letter.id).join(Appeal, Letter.appeal_id == Appeal.id)
RECORDS: dict[str, Select[Any]] = {
    "appeal_id": select(Appeal.id).where(Appeal.state == "drafting"),
    "authorization_id": select(Authorization.id).where(Authorization.state == "approved"),
    "call_id": select(PeerToPeer.id),
    "case_id": select(TreatmentCase.id),
    "claim_id": OWED.order_by(func.coalesce(Claim.authorization_id, 0).desc()),
    "deadline_id": select(Deadline.id).where(Deadline.stopped_at.is_(None)),
    "denial_id": select(Denial.id).where(Denial.state == "open"),
    "estimate_id": select(Estimate.id),
    "injection_id": select(Injection.id),
    "item_id": select(WorkItem.id).where(WorkItem.subject == "denial"),
    "letter_id": DRAFTED.where(Appeal.state == "in_review"),
    "payer_id": select(Payer.id),
    "payment_id": select(ClaimPayment.id).where(ClaimPayment.claim_id.is_(None)),
    "note_id": select(Note.id),
    "part_id": select(SurgicalPart.id),
    "report_id": select(SavedReport.id),
    "remittance_id": select(Remittance.id),
    "surgery_id": select(SurgicalCase.id),
    "term_id": select(ContractTerm.id),
    "user_id": select(User.id).join(Provider, Provider.user_id == User.id),
    "visit_id": select(Visit.id).where(Visit.state == "planned"),
}


NO_PAGES = {  # files and answers for programs; pages that lead on at once; pages of the door, looked at in test_door.py
    "account.linked", "batches.bound", "batches.envelope_test", "batches.zipped", "letter_versions.leaf",
    "letter_versions.evidence", "paper_eobs.scan", "sheets.large", "sheets.picture", "work_items.place",
    "account.time_left", "audit.save", "audit.save_disclosures", "checklists.task", "correspondence.draft",
    "desk.feed", "documents.download", "health.alive", "health.metrics", "health.ready", "invitations.welcome",
    "letters.draft", "letters.letter_styles", "letters.stored", "packets.clinic_copy", "packets.download",
    "pages.home", "security.login", "security.logout", "security.mf_recovery", "security.tf_select",
    "security.two_factor_rescue", "security.two_factor_token_validation", "security.wan_delete",
    "security.wan_signin", "static", "tables.back", "tables.export",
}  # fmt: skip
NOT_BEGUN = {  # pages of records that the demo does not hold
    "batches.show", "letter_versions.compare", "letter_words.argument", "letter_words.paragraph", "rejected.show",
    "sheets.choose", "sheets.look",
}  # fmt: skip
SHEETS = {"letters.page", "correspondence.sheet", "wording.page"}  # letters as they print: paper, not screens
ONE_OF: dict[str, list[dict[str, str]]] = {  # arguments that are words
    "citations.show": [{"key": "fda_botox_blepharospasm_vii_nerve"}],
    "correspondence.choose": [{"table": "denial"}, {"table": "authorization"}],
    "correspondence.show": [{"table": "denial", "kind": "file_request"}],
    "notes.new": [{"table": "claim"}],
    "patients.add": [{"what": what} for what in TO_PATIENT],
    "patients.add_to_case": [{"what": what} for what in TO_CASE],
    "peer_calls.arrange": [{"kind": "authorization"}],
    "rules.show": [{"kind": "clock", "id": "insured-internal-appeal"}, {"kind": "carc", "id": "50"}],
    "setup.step": [{"what": what} for what in STEPS],
    "steps.form": [{"kind": "authorization", "action": "approve"}, {"kind": "claim", "action": "close"}],
    "wording.show": [{"key": "toxin_response"}, {"key": "paragraph.opening"}],
}
STATES = (  # other states of pages that change with their address
    "/today?show=payer", "/today?whose=mine", "/today?role=biller", "/today?show=late&kind=denial",
    "/vials?day=2026-11-13", "/rules?words=authorization",
)  # fmt: skip


def some(argument: str) -> Any:
    """Return the key of a record of the demo that fits an argument of an address."""
    query = RECORDS.get(argument)
    return db.session.scalar(query.limit(1)) if query is not None else None


def addresses(app: Flask) -> Iterator[tuple[str, str]]:
    """Give every page by a name for its picture and its address; in the application's context."""
    adapter = app.url_map.bind("localhost")
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.endpoint):
        if "GET" not in (rule.methods or ()) or rule.endpoint in NO_PAGES | NOT_BEGUN | SHEETS:
            continue
        for words in ONE_OF.get(rule.endpoint, [{}]):
            known = {name: words.get(name) or keyed(name, words) or 1 for name in rule.arguments}
            if "digest" in known:
                known["digest"] = waiting(app)
            yield "-".join([rule.endpoint.replace(".", "-"), *words.values()]), adapter.build(rule.endpoint, known)
    for address in STATES:
        yield address.strip("/").translate(str.maketrans("?=&", "---")), address


def waiting(app: Flask) -> str:
    """Return the digest of a table that waits to be taken in."""
    return next((Path(app.config["INSTANCE"]) / "waiting").glob("*/*")).name


def keyed(argument: str, words: dict[str, str]) -> Any:
    """`key` is of the table that another argument of the address names."""
    return some(f"{words.get('table') or words.get('kind')}_id" if argument in ("key", "id") else argument)
