"""Where an address must stand on a letter so that it shows through the windows of an envelope, however it slides.

Inches. A sheet of US Letter folded in three is 8.5 × 3.667 and moves in a #10 envelope of 9.5 × 4.125 by an inch to the
side and 0.458 up and down. The address window is the customary one of #10 envelopes, single and double alike:
1 1/8 × 4 1/2, 7/8 from the left, 1/2 from the bottom. Makers differ in the upper window, for the sender; taken here:
7/8 × 3 1/2, 7/8 from the left, 2 3/8 from the bottom. A test page shows both against the clinic's own envelopes.
"""

from dataclasses import dataclass

ENVELOPE_WIDTH, ENVELOPE_HEIGHT = 9.5, 4.125
SHEET_WIDTH, SHEET_HEIGHT = 8.5, 11.0
PANEL_HEIGHT = SHEET_HEIGHT / 3
ASIDE, UP = ENVELOPE_WIDTH - SHEET_WIDTH, ENVELOPE_HEIGHT - PANEL_HEIGHT


@dataclass(frozen=True, kw_only=True)
class Box:
    """A rectangle on the sheet, from its left and upper edges."""

    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True, kw_only=True)
class Window:
    """A window of the envelope: `left` and `bottom` are measured from the envelope's edges."""

    width: float
    height: float
    left: float
    bottom: float

    @property
    def top(self) -> float:
        """Its upper edge, from the envelope's."""
        return ENVELOPE_HEIGHT - self.bottom - self.height

    @property
    def always(self) -> Box:
        """What of the sheet shows wherever the sheet lies."""
        return Box(
            left=self.left,
            top=self.top,
            right=self.left + self.width - ASIDE,
            bottom=self.top + self.height - UP,
        )

    @property
    def ever(self) -> Box:
        """What of the sheet may show when it slides: nothing about the patient may stand here."""
        return Box(
            left=self.left - ASIDE,
            top=self.top - UP,
            right=self.left + self.width,
            bottom=self.top + self.height,
        )


ADDRESS = Window(width=4.5, height=1.125, left=0.875, bottom=0.5)
SENDER = Window(width=3.5, height=0.875, left=0.875, bottom=2.375)
