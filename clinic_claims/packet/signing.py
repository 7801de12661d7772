"""Place a signature in the space that a letter leaves for it: the pages below stay as they were read and signed."""

import io
from html import escape
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, String

from .exhibits import STYLES, page_of
from .pictures import carried

PLACE = "signature"  # the id of that space in the letter
WIDE, HIGH = 468.0, 37.44  # points: the width of the text, and the height of the space
UNTAGGED = {"BDC", "BMC", "EMC"}


def place_signature(pages: bytes, name: str, told: tuple[str, ...], picture: bytes | None) -> bytes:
    """Put a picture over the line and beside it what is told; a letter without the space is returned as it is."""
    with pikepdf.open(io.BytesIO(pages)) as letter:
        place = _place(letter)
        if place is None:
            return pages
        page, left, top = place
        _draw(letter, page, _stamp(told, picture), (left, top - HIGH), f"Signature of {name}. {' '.join(told)}.")
        out = io.BytesIO()
        letter.save(out, deterministic_id=True)
    return out.getvalue()


def _place(letter: pikepdf.Pdf) -> tuple[pikepdf.Page, float, float] | None:
    names: Any = letter.Root.get("/Names", Dictionary()).get("/Dests")
    found = pikepdf.NameTree(names).get(PLACE) if names is not None else None
    if found is None:
        return None
    page = pikepdf.Page(found[0])
    return page, float(found[2]), float(found[3])


def _stamp(told: tuple[str, ...], picture: bytes | None) -> bytes:
    from ..press import printed  # WeasyPrint takes half a second to load

    image = f'<img src="{carried(picture)}" alt="">' if picture else ""
    lines = "<br>".join(escape(line) for line in told)
    return printed(page_of("Signature", f"{image}<p>{lines}</p>"), STYLES / "signature.css")


def _draw(letter: pikepdf.Pdf, page: pikepdf.Page, stamp: bytes, at: tuple[float, float], alt: str) -> None:
    """Draw the stamp as one figure that a screen reader reads as `alt`."""
    with pikepdf.open(io.BytesIO(stamp)) as source:
        drawn = source.pages[0]
        plain = [one for one in pikepdf.parse_content_stream(drawn) if str(one.operator) not in UNTAGGED]
        drawn.obj.Contents = source.make_stream(pikepdf.unparse_content_stream(plain))
        form: Any = letter.copy_foreign(drawn.as_form_xobject())
    page.obj.Resources = Dictionary(dict(page.obj.Resources.items()))  # WeasyPrint's sheets share one
    page.obj.Resources.XObject = Dictionary(dict(page.obj.Resources.get("/XObject", Dictionary()).items()))
    page.add_resource(form, Name.XObject, Name("/Signature"))
    mark = _tag(letter, page, alt, (*at, at[0] + WIDE, at[1] + HIGH))
    page.contents_add(b"q\n", prepend=True)
    x, y = at
    drawing = f"Q\n/Figure <</MCID {mark}>> BDC q 1 0 0 1 {x:.3f} {y:.3f} cm /Signature Do Q EMC\n"
    page.contents_add(drawing.encode())


def _tag(letter: pikepdf.Pdf, page: pikepdf.Page, alt: str, box: tuple[float, ...]) -> int:
    """Add a figure at the end of the document's tags and return its number on the page."""
    root = letter.Root.StructTreeRoot
    marks = pikepdf.NumberTree(root.ParentTree)[int(page.obj.StructParents)]
    parent: Any = root.K[0] if isinstance(root.K, Array) else root.K
    figure = letter.make_indirect(
        Dictionary(
            Type=Name.StructElem,
            S=Name.Figure,
            P=parent,
            K=Array([len(marks)]),
            Pg=page.obj,
            Alt=String(alt),
            A=Dictionary(O=Name.Layout, BBox=Array([round(edge, 3) for edge in box])),
        )
    )
    marks.append(figure)
    parent.K.append(figure)
    return len(marks) - 1
