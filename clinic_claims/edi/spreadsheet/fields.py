"""Our names for the columns of a claims spreadsheet, and the names other people give them."""

import re
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Field:
    """One thing a column may hold.

    `kind` says how cells are read: text, code, procedure, modifiers, diagnoses, denials, name, sex, money, number, date
    or birthday. `synonyms` are header names parted by commas; abbreviations and plurals of them are known too.
    """

    label: str
    kind: str
    synonyms: str


FIELDS = {
    "claim_number": Field(
        "Claim number",
        "code",
        "claim, claim number, claim id, clm01, pcn, patient control number, patient account number, account number, "
        "account, invoice, invoice number",
    ),
    "payer_control_number": Field(
        "Payer's claim number",
        "code",
        "payer control number, payer claim number, payer claim control number, claim control number, "
        "insurance claim number, icn, payer icn, dcn, tcn",
    ),
    "patient_name": Field("Patient name", "name", "patient, patient name, patient full name, name, full name"),
    "patient_last": Field(
        "Patient last name", "text", "patient last name, patient last, last name, last, surname, family name"
    ),
    "patient_first": Field(
        "Patient first name", "text", "patient first name, patient first, first name, first, given name"
    ),
    "mrn": Field(
        "Medical record number",
        "code",
        "mrn, medical record number, medical record, chart, chart number, patient id, patient number",
    ),
    "birth_date": Field(
        "Birth date", "birthday", "birth date, birthdate, date of birth, dob, patient dob, patient birth date, born"
    ),
    "sex": Field("Sex", "sex", "sex, gender, patient sex, patient gender"),
    "member_id": Field(
        "Member ID",
        "code",
        "member, member id, member number, subscriber id, insured id, insurance id, insurance number, policy, "
        "policy id, policy number, mbi, hic, medicare number",
    ),
    "payer": Field(
        "Payer",
        "text",
        "payer, payer name, insurance, insurance name, insurance company, insurer, carrier, plan, plan name, "
        "health plan, primary insurance, primary payer",
    ),
    "payer_id": Field("Payer ID", "code", "payer id, payer number, edi payer id, carrier id"),
    "date_of_service": Field(
        "Date of service",
        "date",
        "date of service, dos, service date, dos from, from dos, service from, service date from, from date, "
        "date from, service start, visit date, date of visit",
    ),
    "date_of_service_to": Field(
        "Date of service to",
        "date",
        "date of service to, dos to, to dos, service to, service date to, to date, date to, service end, through date",
    ),
    "procedure": Field(
        "Procedure", "procedure", "cpt, cpt code, procedure, procedure code, hcpcs, hcpcs code, cpt hcpcs, service code"
    ),
    "modifiers": Field("Modifiers", "modifiers", "modifier, modifier 1, cpt modifier, procedure modifier"),
    "units": Field("Units", "number", "unit, quantity, unit billed, billed unit"),
    "ndc": Field("NDC", "code", "ndc, ndc code, ndc number, drug ndc"),
    "diagnoses": Field(
        "Diagnoses",
        "diagnoses",
        "diagnosis, diagnoses, diagnosis code, diagnosis 1, primary diagnosis, icd, icd 10, icd10, icd code, "
        "icd 10 code",
    ),
    "place_of_service": Field("Place of service", "code", "place of service, pos, pos code, place"),
    "revenue_code": Field("Revenue code", "code", "revenue code, rev code"),
    "authorization": Field(
        "Authorization number",
        "code",
        "authorization, authorization number, prior authorization, prior authorization number, pa number, precert",
    ),
    "rendering_npi": Field(
        "Rendering NPI", "code", "rendering npi, npi, provider npi, rendering provider npi, physician npi"
    ),
    "rendering_name": Field(
        "Rendering provider", "text", "rendering provider, provider, provider name, physician, doctor, rendering name"
    ),
    "charge": Field(
        "Charge",
        "money",
        "charge, charged, charge amount, amount charged, total charge, billed, billed amount, amount billed, "
        "billed charge, fee, amount",
    ),
    "allowed": Field("Allowed", "money", "allowed, allowed amount, amount allowed, approved amount"),
    "paid": Field(
        "Paid",
        "money",
        "paid, paid amount, amount paid, total paid, payment, payment amount, insurance paid, insurance payment, "
        "payer paid",
    ),
    "patient_responsibility": Field(
        "Patient responsibility", "money", "patient responsibility, patient resp, patient share, patient owes"
    ),
    "balance": Field("Balance", "money", "balance, balance due, open balance, outstanding, amount due"),
    "denial_codes": Field(
        "Denial codes",
        "denials",
        "denial, denial code, denial reason code, reason code, adjustment code, adjustment reason code, carc, "
        "carc code, carc rarc",
    ),
    "remark_codes": Field("Remark codes", "denials", "remark code, rarc, rarc code"),
    "denial_reason": Field("Denial reason", "text", "denial reason, reason for denial, denial description"),
    "denied_on": Field(
        "Denied on",
        "date",
        "denied on, denied date, denial date, date denied, date of denial, eob date, era date, remit date, notice date",
    ),
    "billed_on": Field(
        "Billed on",
        "date",
        "billed on, billed date, bill date, date billed, submitted, submitted on, submission date, date submitted, "
        "claim date, filed on, date filed",
    ),
    "paid_on": Field("Paid on", "date", "paid on, paid date, date paid, payment date, date of payment, check date"),
    "status": Field("Status", "text", "status, claim status, current status"),
    "notes": Field("Notes", "text", "note, comment, remark"),
}
WRITTEN_OUT = {
    "no": "number",
    "num": "number",
    "nbr": "number",
    "pt": "patient",
    "pat": "patient",
    "acct": "account",
    "amt": "amount",
    "auth": "authorization",
    "bal": "balance",
    "chg": "charge",
    "chrg": "charge",
    "clm": "claim",
    "co": "company",
    "dt": "date",
    "dx": "diagnosis",
    "ins": "insurance",
    "mod": "modifier",
    "payor": "payer",
    "pd": "paid",
    "pmt": "payment",
    "proc": "procedure",
    "prov": "provider",
    "qty": "quantity",
    "resp": "responsibility",
    "rsn": "reason",
    "subscr": "subscriber",
    "svc": "service",
    "thru": "through",
}


def plain(header: str) -> str:
    """Write a header plainly: "Claim #", "CLAIM_NO." and "claimNumbers" become "claim number", "D.O.B." "dob"."""
    header = re.sub(r"\b([A-Za-z])\.(?=[A-Za-z]\b)", r"\1", header)
    parted = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", header.replace("(s)", "")).replace("#", " number ").lower()
    words = (_singular(word) for word in re.findall(r"[a-z0-9]+", parted))
    return " ".join(_singular(WRITTEN_OUT.get(word, word)) for word in words)


def _singular(word: str) -> str:
    return re.sub(r"(?<=[a-z]{3})(?<!s)s$", "", word)


BY_NAME = {
    plain(name): field for field, about in FIELDS.items() for name in (*about.synonyms.split(", "), about.label, field)
}


def suggest(columns: Iterable[str]) -> dict[str, str]:
    """Suggest our field for each header we know; of two that mean the same the first one gets it."""
    found: dict[str, str] = {}
    for column in columns:
        field = BY_NAME.get(plain(column))
        if field and field not in found.values():
            found[column] = field
    return found
