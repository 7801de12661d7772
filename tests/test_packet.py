"""Packets: order, stamps, links, what cannot be read, what is too large, and how long it takes."""

import io
import re
import struct
import time
import zlib
from functools import cache

import img2pdf
import page
import pikepdf
import pytest
from PIL import Image
from pypdf import PdfReader

from clinic_claims import packet, pdf
from clinic_claims.packet import Exhibit, Limits, exhibits, pictures
from clinic_claims.packet.exhibits import STYLES, page_of
from clinic_claims.press import printed
from tests.letter_cases import letter

PDF, PNG, JPEG, TIFF = "application/pdf", "image/png", "image/jpeg", "image/tiff"


@cache
def the_letter() -> bytes:
    return pdf.pdf(letter("appeal_toxin_approved"))


def front(entries, total) -> bytes:
    rows = "".join(f'<p><a href="{packet.LINK}{n}">{e.label} on {e.start}</a></p>' for n, e in enumerate(entries))
    return printed(page_of("Front", rows + f"<p>{total} pages</p>"), STYLES / "text.css")


def record_of(pages: int, **save) -> bytes:
    """A PDF whose every page names itself."""
    body = "".join(f'<p style="break-before: page">Record leaf {n}</p>' for n in range(1, pages + 1))
    with pikepdf.open(io.BytesIO(printed(page_of("Record", body), STYLES / "text.css"))) as file:
        out = io.BytesIO()
        file.save(out, **save)
    return out.getvalue()


def picture(kind: str, size=(600, 800), mode="RGB", **save) -> bytes:
    out = io.BytesIO()
    Image.new(mode, size, "white").save(out, kind, **save)
    return out.getvalue()


def exhibit(at: int, data: bytes, media_type: str, chosen=()) -> Exhibit:
    name = chr(ord("A") + at)
    return Exhibit(letter=name, title=f"Paper {name}", data=data, media_type=media_type, chosen=chosen)


def bound(*files, limits=None):
    exhibits = [exhibit(at, *file) for at, file in enumerate(files)]
    return packet.bind("Packet of Renata Castellano", front, the_letter(), exhibits, limits)


def read(data: bytes) -> PdfReader:
    return PdfReader(io.BytesIO(data))


def texts(data: bytes) -> list[str]:
    return [" ".join(page.extract_text().split()) for page in read(data).pages]


def test_front_sheet_letter_and_every_kind_of_exhibit_in_order():
    fax = picture("TIFF", mode="1", compression="group4", save_all=True, append_images=[Image.new("1", (600, 800))])
    files = [(record_of(3), PDF), (picture("JPEG"), JPEG), (picture("PNG", mode="RGBA"), PNG), (fax, TIFF)]
    made = bound(*files, (b"A note in plain text.", "text/plain"))
    assert made.troubles == ()
    assert [(e.label, e.start, e.pages) for e in made.entries] == [
        ("Letter", 2, 3), ("Exhibit A", 5, 3), ("Exhibit B", 8, 1), ("Exhibit C", 9, 1), ("Exhibit D", 10, 2),
        ("Exhibit E", 12, 1),
    ]  # fmt: skip
    (part,) = made.parts
    sheets = texts(part.data)
    assert len(sheets) == 12
    assert "Exhibit D on 10" in sheets[0]
    assert "12 pages" in sheets[0]
    assert "To the Appeals Reviewer" in sheets[1]
    assert "Record leaf 2" in sheets[5]
    assert "Exhibit A, page 2 of 3" in sheets[5]
    assert "Packet page 6 of 12" in sheets[5]
    assert "Exhibit D, page 2 of 2" in sheets[10]
    assert "A note in plain text." in sheets[11]


def test_contents_link_to_their_pages_and_bookmarks_name_them():
    made = read(bound((record_of(2), PDF), (picture("PNG"), PNG)).parts[0].data)
    marks = [mark.get_object() for mark in made.pages[0]["/Annots"]]
    numbers = {page.indirect_reference.idnum: n for n, page in enumerate(made.pages, 1)}
    targets = [numbers[list.__getitem__(mark["/Dest"], 0).idnum] for mark in marks]
    assert targets == [2, 5, 7]
    outline = [(item.title, made.get_destination_page_number(item) + 1) for item in made.outline]
    assert outline == [("Letter", 2), ("Exhibit A: Paper A", 5), ("Exhibit B: Paper B", 7)]
    assert made.metadata.title == "Packet of Renata Castellano"


def untagged(data: bytes) -> list[str]:
    """What a validator of PDF/UA says of a file, its missing claim to be one left aside."""
    found = page.validate_pdf_bytes(data, profile=page.ValidationProfile.PDF_UA_1).failures
    return [one.message for one in found if not re.search("XMP|Metadata", one.message)]


def spoken(data: bytes) -> list[str]:
    """The kinds of element of each of our own pages' tags, in reading order, outermost alone."""
    with pikepdf.open(io.BytesIO(data)) as file:
        return [str(kid.S)[1:] for document in file.Root.StructTreeRoot.K for kid in document.K]


def test_a_bound_letter_keeps_its_tags_and_scans_are_artifacts():
    made = bound((picture("TIFF", mode="1", compression="group4"), TIFF), (picture("JPEG"), JPEG))
    (part,) = made.parts
    assert untagged(part.data) == []
    with pikepdf.open(io.BytesIO(the_letter())) as alone:
        mine = [str(kid.S)[1:] for kid in alone.Root.StructTreeRoot.K[0].K]
    assert spoken(part.data) == ["P", "P", "P", "P", *mine, "P", "P"], "front sheet, letter, one stamp a scan"


def test_each_part_of_a_split_packet_holds_the_tags_of_its_own_pages():
    made = bound((picture("PNG"), PNG), (picture("JPEG"), JPEG), limits=Limits(pages=5))
    assert [(part.first, part.last) for part in made.parts] == [(1, 5), (6, 6)]
    assert [untagged(part.data) for part in made.parts] == [[], []]
    assert spoken(made.parts[1].data) == ["P"]


def test_a_letter_without_tags_is_bound_without():
    with pikepdf.open(io.BytesIO(the_letter())) as file:
        del file.Root.StructTreeRoot
        out = io.BytesIO()
        file.save(out)
    made = packet.bind("Packet", front, out.getvalue(), [exhibit(0, picture("PNG"), PNG)])
    assert spoken(made.parts[0].data) == ["P", "P", "P", "P"]
    with pikepdf.open(io.BytesIO(made.parts[0].data)) as file:
        assert ["/StructParents" in sheet.obj for sheet in file.pages] == [True, False, False, False, True]


def test_chosen_pages_keep_the_numbers_that_the_letter_points_at():
    made = bound((record_of(12), PDF, (2, 7)), (record_of(1), PDF))
    assert [(e.start, e.shown, e.whole) for e in made.entries[1:]] == [(5, (2, 7), 12), (7, (1,), 1)]
    assert [made.entries[1].at(page) for page in (2, 7, 3)] == [5, 6, None]
    sheets = texts(made.parts[0].data)
    assert "Record leaf 7" in sheets[5]
    assert "Exhibit A, page 7 of 12" in sheets[5]
    assert not any("Record leaf 3" in sheet for sheet in sheets)


def damaged_stream() -> bytes:
    file = pikepdf.Pdf.new()
    page = file.add_blank_page()
    page.obj.Contents = pikepdf.Stream(file, b"not deflated at all", Filter=pikepdf.Name.FlateDecode)
    out = io.BytesIO()
    file.save(out, compress_streams=False, stream_decode_level=pikepdf.StreamDecodeLevel.none)
    return out.getvalue()


LOCKED = record_of(1, encryption=pikepdf.Encryption(user="secret", owner="other"))
BOMB = picture("PNG", size=(13_000, 13_000), mode="1")  # 20 kB that open to 169 million dots


@pytest.mark.parametrize(
    ("data", "kind", "why"),
    [
        (b"%PDF-1.7 and then nothing", PDF, "damaged"),
        (b"<html>Not found</html>", PDF, "damaged"),
        (damaged_stream(), PDF, "damaged"),
        (LOCKED, PDF, "locked with a password"),
        (picture("JPEG", size=(900, 900))[:400], JPEG, "damaged"),
        (b"II*\x00 and then nothing", TIFF, "damaged"),
        (BOMB, PNG, "too large to print"),
        (b"word " * 20_000, "text/plain", "too long"),
    ],
    ids=["truncated", "web page", "stream", "locked", "photo", "scan", "bomb", "text"],
)
def test_what_cannot_be_read_is_named_and_the_rest_goes_out(data, kind, why):
    made = bound((data, kind), (record_of(1), PDF))
    (trouble,) = made.troubles
    assert trouble.startswith("Exhibit A (Paper A) is ")
    assert why in trouble
    assert [e.label for e in made.entries] == ["Letter", "Exhibit B"]
    assert "Exhibit B, page 1 of 1" in texts(made.parts[0].data)[-1]


def test_a_text_of_one_long_word_is_set_as_fast_as_one_of_many(monkeypatch):
    """Payers' files come as one line without a space; to break such a word takes the square of its length."""
    told: list[str] = []
    monkeypatch.setattr("clinic_claims.press.printed", lambda html, _: told.append(html) or printed(html, _))
    assert packet.count_pages(b"SVC*HC:64612*412*0**1~" * 1300, "text/plain") == 7
    assert max(map(len, re.split("[\\s\u200b]", told[0].split("<pre>")[1]))) <= 40 + len("</pre></body></html>")


def test_pages_are_counted_of_files_and_scans():
    scan = picture("TIFF", mode="1", compression="group4", save_all=True, append_images=[Image.new("1", (60, 80))] * 2)
    assert packet.count_pages(record_of(3), PDF) == 3
    assert packet.count_pages(scan, TIFF) == 3
    assert packet.count_pages(b"II*\x00 and nothing", TIFF) is None
    assert packet.count_pages(LOCKED, PDF) is None
    assert packet.count_pages(b"%PDF-1.7 and nothing", PDF) is None
    assert packet.count_pages(b"%PDF-1.7 and nothing", PDF) is None
    assert packet.count_pages(picture("PNG"), PNG) is None
    assert packet.count_pages(b"One line.\n" * 90, "text/plain") == 2


def test_a_file_locked_against_printing_alone_is_read():
    assert bound((record_of(1, encryption=pikepdf.Encryption(user="", owner="x")), PDF)).troubles == ()


def test_scripts_and_attachments_stay_behind():
    file = pikepdf.open(io.BytesIO(record_of(1)))
    file.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert(1)")
    file.attachments["x.txt"] = b"x"
    out = io.BytesIO()
    file.save(out)
    made = bound((out.getvalue(), PDF)).parts[0].data
    assert "/OpenAction" not in read(made).trailer["/Root"]
    assert not read(made).attachments


def test_upload_limits_cut_where_an_exhibit_begins():
    made = bound((record_of(4), PDF), (record_of(4), PDF), (record_of(30), PDF), limits=Limits(pages=12))
    assert all(part.last - part.first < 12 for part in made.parts)
    assert [part.first for part in made.parts][1:] == [part.last + 1 for part in made.parts][:-1]
    assert made.parts[0].last == 12
    assert sum(len(read(part.data).pages) for part in made.parts) == 42
    assert read(made.parts[1].data).outline[0].title == "Exhibit C: Paper C"


def noisy(size=(1700, 2200)) -> bytes:
    out = io.BytesIO()
    Image.effect_noise(size, 60).save(out, "JPEG")
    return out.getvalue()


def test_a_page_larger_than_the_limit_is_named():
    made = bound((noisy(), JPEG), (record_of(1), PDF), limits=Limits(megabytes=1))
    assert [(part.first, part.last) for part in made.parts] == [(1, 4), (5, 5), (6, 6)]
    assert "Page 5 alone is larger than the 1 MB" in made.troubles[0]


def test_the_same_packet_is_the_same_bytes():
    files = [(record_of(2), PDF), (picture("PNG"), PNG)]
    assert bound(*files).parts == bound(*files).parts


def test_forty_pages_of_photographs_and_records_take_seconds():
    photo = noisy((3000, 4000))
    bound((record_of(1), PDF))  # fonts and style sheets are loaded
    begun = time.process_time()
    made = bound((record_of(30), PDF), *[(photo, JPEG)] * 10)
    assert time.process_time() - begun < 15
    assert made.parts[-1].last == 44
    assert sum(len(part.data) for part in made.parts) < 25_000_000


def test_stamps_embed_their_font():
    made = read(bound((record_of(1), PDF)).parts[0].data)
    fonts = made.pages[-1]["/Resources"]["/Font"].values()
    assert fonts
    for font in fonts:
        inner = font.get_object()["/DescendantFonts"][0].get_object()["/FontDescriptor"]
        assert any(key.startswith("/FontFile") for key in inner)


def test_a_scan_in_black_and_white_stays_exact():
    scan = picture("TIFF", mode="1", size=(1728, 2200), compression="group4")
    assert img2pdf.convert(scan)
    page = read(bound((scan, TIFF)).parts[0].data).pages[-1]
    assert "/CCITTFaxDecode" in str([image.get_object() for image in _images(page)])


def _images(page):
    for form in page["/Resources"]["/XObject"].values():
        yield from form.get_object()["/Resources"]["/XObject"].values()


def unpacking_to(size: int, *filters: str) -> bytes:
    """A PDF of some kilobytes whose page unpacks to this many bytes."""
    packer = zlib.compressobj(1)
    packed = b"".join(packer.compress(bytes(2**20)) for _ in range(size // 2**20)) + packer.flush()
    with pikepdf.Pdf.new() as file:
        file.add_blank_page()
        for _ in filters[1:]:
            packed = zlib.compress(packed)
        stream = pikepdf.Stream(file, b"")
        stream.write(packed, filter=pikepdf.Array([pikepdf.Name(f"/{name}") for name in filters]))
        file.pages[0].obj.Contents = file.make_indirect(stream)
        out = io.BytesIO()
        file.save(out, compress_streams=False, stream_decode_level=pikepdf.StreamDecodeLevel.none)
    return out.getvalue()


@pytest.mark.parametrize(
    "filters", [("FlateDecode",), ("FlateDecode", "FlateDecode"), ("FlateDecode",) * 5], ids=["once", "twice", "often"]
)
def test_a_pdf_that_unpacks_to_more_than_a_machine_holds_is_refused(filters):
    data = unpacking_to(exhibits.MOST_UNPACKED + 2**21, *filters)
    assert len(data) < 2_000_000
    with pytest.raises(packet.Unreadable):
        packet.refuse_bombs(data, PDF)
    with pytest.raises(packet.Unreadable):
        packet.as_pdf(data, PDF)


def test_an_honest_record_and_a_damaged_or_locked_one_are_no_bombs():
    locked = record_of(1, encryption=pikepdf.Encryption(owner="x", user="y"))
    for data in (record_of(3), unpacking_to(2**22, "FlateDecode"), record_of(1)[:-200], locked):
        packet.refuse_bombs(data, PDF)


def test_a_scan_of_very_many_pages_is_not_counted_to_its_end():
    heads, at = b"II*\0" + struct.pack("<I", 8), 8
    entries = ((256, 3, 1, 1), (257, 3, 1, 1), (258, 3, 1, 1), (259, 3, 1, 1), (262, 3, 1, 0), (273, 4, 1, 8))
    entries += ((278, 3, 1, 1), (279, 4, 1, 1))
    head = struct.pack("<H", len(entries)) + b"".join(struct.pack("<HHII", *entry) for entry in entries)
    for _ in range(30_000):
        at += len(head) + 4
        heads += head + struct.pack("<I", at)
    with pytest.raises(packet.Unreadable, match="too long"):
        packet.refuse_bombs(heads, TIFF)


def test_a_page_a_mile_tall_is_drawn_small():
    with pikepdf.Pdf.new() as file:
        file.add_blank_page(page_size=(10, 14_400))
        out = io.BytesIO()
        file.save(out)
    with Image.open(io.BytesIO(pictures.page_picture(out.getvalue(), 1, 180))) as drawn:
        assert drawn.height <= 1810
