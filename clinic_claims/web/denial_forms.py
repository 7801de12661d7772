"""What is asked about a denial: its notice, and everything when it is logged by hand."""

import re
from typing import Any

from wtforms import SelectField, TextAreaField
from wtforms.validators import Regexp

from .forms import DateField, LineField, MoneyField, optional, required
from .records import RecordForm

DAY = {"type": "date"}
RECEIVED = {
    "": "Choose…",
    "mail": "Mail",
    "portal": "Payer's portal",
    "fax": "Fax",
    "remittance": "Electronic remittance",
}
GROUPS = {
    "CO": "CO: the clinic may not bill the patient",
    "PR": "PR: the patient owes it",
    "OA": "OA: other",
    "PI": "PI: the payer reduced it",
    "": "Not named",
}
CODES = re.compile(r"[A-Za-z]{0,2}\d{1,4}([\s,;]+[A-Za-z]{0,2}\d{1,4})*\s*$")
NOTICE = (
    "notice_dated_on",
    "notice_sent_on",
    "notice_received_on",
    "received_how",
    "printed_deadline",
    "reason_quoted",
    "policy_named",
)


class NoticeForm(RecordForm):
    """The four dates of a notice, how it came, and its words."""

    notice_dated_on = DateField("Date printed on the notice", [optional()], render_kw=DAY)
    notice_sent_on = DateField("Sent on", [optional()], render_kw=DAY, description="Postmark or portal date.")
    notice_received_on = DateField("Received on", [optional()], render_kw=DAY, description="The day you can prove.")
    received_how = SelectField("Received by", [optional()], choices=RECEIVED)
    printed_deadline = DateField("Last day to appeal, as printed", [optional()], render_kw=DAY)
    reason_quoted = TextAreaField(
        "Their reason, word for word",
        [optional()],
        description="The letter quotes it. Copy it as it stands, without the patient's name.",
        render_kw={"rows": 4},
    )
    policy_named = LineField("Policy they name", [optional()])

    @property
    def told(self) -> dict[str, Any]:
        """Return what was entered, by the names of the record."""
        return {name: self[name].data or None for name in NOTICE}


class NewDenialForm(NoticeForm):
    """A denial that no file brought."""

    about = LineField(
        "Claim or authorization",
        [required("Enter our claim number, or the authorization's number.")],
        description="Our claim number, or the authorization's number.",
        render_kw={"autocomplete": "off"},
    )
    group = SelectField("Who is said to owe the money", [optional()], choices=GROUPS)
    carcs = LineField(
        "Reason codes (CARC)",
        [optional(), Regexp(CODES, message="Enter codes such as 50 or 197, with a comma between two.")],
        description="Such as 50 or 197. Leave it empty when the notice names none.",
    )
    rarcs = LineField(
        "Remark codes (RARC)",
        [optional(), Regexp(CODES, message="Enter codes such as N115, with a comma between two.")],
        description="Such as N115.",
    )
    amount = MoneyField("Amount refused", [required(MoneyField.MESSAGE)])
    denied_on = DateField("Day of the decision", [required(DateField.MESSAGE)], render_kw=DAY)

    @property
    def codes(self) -> dict[str, Any]:
        """Return codes, money and day, by the names of the deed."""
        return {
            "group": self.group.data or None,
            "carcs": _codes(self.carcs.data),
            "rarcs": _codes(self.rarcs.data),
            "amount": self.amount.data,
            "denied_on": self.denied_on.data,
        }


def _codes(typed: str | None) -> list[str]:
    return [code.upper() for code in re.split(r"[\s,;]+", typed or "") if code]
