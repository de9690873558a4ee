"""Documents for tests, written on the spot."""

from __future__ import annotations

import io
import zipfile

import docx
import pptx
import pypdf


def pdf(*pages: str, password: str = "") -> bytes:
    """Write a PDF with one line of text a page."""
    writer = pypdf.PdfWriter()
    for text in pages:
        page = writer.add_blank_page(300, 300)
        font = pypdf.generic.DictionaryObject(
            {
                pypdf.generic.NameObject("/Type"): pypdf.generic.NameObject("/Font"),
                pypdf.generic.NameObject("/Subtype"): pypdf.generic.NameObject("/Type1"),
                pypdf.generic.NameObject("/BaseFont"): pypdf.generic.NameObject("/Helvetica"),
            }
        )
        fonts = pypdf.generic.DictionaryObject({pypdf.generic.NameObject("/F1"): font})
        page[pypdf.generic.NameObject("/Resources")] = pypdf.generic.DictionaryObject(
            {pypdf.generic.NameObject("/Font"): fonts}
        )
        content = pypdf.generic.DecodedStreamObject()
        content.set_data(f"BT /F1 12 Tf 20 200 Td ({text}) Tj ET".encode())
        page[pypdf.generic.NameObject("/Contents")] = content
    if password:
        writer.encrypt(password)
    written = io.BytesIO()
    writer.write(written)
    return written.getvalue()


def drawn_pdf(*objects: bytes, trailer: bytes = b"") -> bytes:
    """Write a PDF of these objects, numbered from 1, the first of which is its catalogue."""
    written = io.BytesIO()
    written.write(b"%PDF-1.4\n")
    places = []
    for number, body in enumerate(objects, start=1):
        places.append(written.tell())
        written.write(b"%d 0 obj\n%s\nendobj\n" % (number, body))
    table = written.tell()
    written.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1))
    written.writelines(b"%010d 00000 n \n" % place for place in places)
    extra = trailer.replace(b"TABLE", b"%d" % table)
    written.write(b"trailer\n<< /Size %d /Root 1 0 R %s >>\n" % (len(objects) + 1, extra))
    written.write(b"startxref\n%d\n%%%%EOF\n" % table)
    return written.getvalue()


CATALOGUE = b"<< /Type /Catalog /Pages 2 0 R >>"
_FONT = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"
_PAGE = (
    b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 300] /Resources << /Font << /F1 %d 0 R >> >> /Contents %d 0 R >>"
)


def long_pdf(count: int) -> bytes:
    """Write a PDF of many pages."""
    objects = [CATALOGUE, b"", _FONT]
    for number in range(count):
        objects.append(_PAGE % (3, len(objects) + 2))
        objects.append(_drawing(b"BT /F1 12 Tf 20 200 Td (Page number %d) Tj ET" % (number + 1)))
    kids = b" ".join(b"%d 0 R" % (4 + 2 * number) for number in range(count))
    objects[1] = b"<< /Type /Pages /Count %d /Kids [%s] >>" % (count, kids)
    return drawn_pdf(*objects)


def pdf_with_tree_loop() -> bytes:
    """Write a PDF whose page tree holds itself."""
    page = _PAGE % (4, 5)
    return drawn_pdf(
        CATALOGUE, b"<< /Type /Pages /Count 2 /Kids [2 0 R 3 0 R] >>", page, _FONT, _drawing(b"BT (Text) Tj ET")
    )


def pdf_with_table_loop() -> bytes:
    """Write a PDF whose cross-reference table names itself as the one before it."""
    page = _PAGE % (4, 5)
    text = _drawing(b"BT /F1 12 Tf 20 200 Td (Text) Tj ET")
    pages = b"<< /Type /Pages /Count 1 /Kids [3 0 R] >>"
    return drawn_pdf(CATALOGUE, pages, page, _FONT, text, trailer=b"/Prev TABLE")


def scanned_pdf() -> bytes:
    """Write a PDF whose page is a picture."""
    image = (
        b"<< /Type /XObject /Subtype /Image /Width 1 /Height 1 /ColorSpace /DeviceGray /BitsPerComponent 8 /Length 1 >>"
    )
    page = (
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Resources << /XObject << /I 4 0 R >> >> /Contents 5 0 R >>"
    )
    pages = b"<< /Type /Pages /Count 1 /Kids [3 0 R] >>"
    return drawn_pdf(CATALOGUE, pages, page, image + b"\nstream\n\x80\nendstream", _drawing(b"/I Do"))


def _drawing(commands: bytes) -> bytes:
    return b"<< /Length %d >>\nstream\n%s\nendstream" % (len(commands), commands)


def word(*paragraphs: str, cell: str = "") -> bytes:
    """Write a Word document, with a table of one cell where it is given."""
    document = docx.Document()
    for text in paragraphs:
        document.add_paragraph(text)
    if cell:
        document.add_table(1, 1).cell(0, 0).text = cell
    written = io.BytesIO()
    document.save(written)
    return written.getvalue()


def slides(*titles: str) -> bytes:
    """Write a presentation with one title a slide."""
    presentation = pptx.Presentation()
    for title in titles:
        slide = presentation.slides.add_slide(presentation.slide_layouts[5])
        assert slide.shapes.title is not None
        slide.shapes.title.text = title
    written = io.BytesIO()
    presentation.save(written)
    return written.getvalue()


def archive(**entries: str) -> bytes:
    """Write an archive; two underscores in a name stand for a slash, one for a dot."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, text in entries.items():
            packed.writestr(name.replace("__", "/").replace("_", "."), text)
    return written.getvalue()


def entity_bomb() -> bytes:
    """Write a Word document whose XML unfolds to gigabytes."""
    whole = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(word("WORDS"))) as made, zipfile.ZipFile(whole, "w") as packed:
        for entry in made.infolist():
            content = made.read(entry)
            if entry.filename == "word/document.xml":
                steps = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
                doctype = f'<!DOCTYPE x [<!ENTITY e0 "many words">{steps}]>'
                declaration, _, rest = content.decode().partition("?>")
                content = f"{declaration}?>{doctype}{rest.replace('WORDS', '&e9;')}".encode()
            packed.writestr(entry.filename, content)
    return whole.getvalue()


def incomplete_archive() -> bytes:
    """Write a word document that lacks the list of its parts."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as packed:
        packed.writestr("word/document.xml", "<a/>")
    return written.getvalue()


def zip_bomb(main_part: str = "word/document.xml") -> bytes:
    """Write an archive that unpacks to a thousand times its size."""
    written = io.BytesIO()
    with (
        zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as packed,
        packed.open(main_part, "w") as entry,
    ):
        for _ in range(600):
            entry.write(bytes(1024 * 1024))
    return written.getvalue()
