"""What other people's readers find in PDFs: pdfium, which is Chrome's, and MuPDF.

    python read.py FILE... [--paint FILE...]

One JSON a file on standard output: `{"file": path, "pdfium": text, "mupdf": text}`, pages one behind the other.
What stands behind `--paint` is painted too, its first page, grey, at 150 dots an inch, beside the file:
`FILE.pdfium.pgm`, `FILE.mupdf.pgm`. Nothing here knows vaccert.
"""

import json
import sys

import pymupdf
import pypdfium2

DPI = 150


def by_pdfium(path, paint):
    document = pypdfium2.PdfDocument(path)
    text = []
    for page in document:
        text.append(page.get_textpage().get_text_range())
    if paint:
        bitmap = document[0].render(scale=DPI / 72, grayscale=True)
        rows = memoryview(bitmap.buffer).cast("B")
        stride, width, height = bitmap.stride, bitmap.width, bitmap.height
        write(path + ".pdfium.pgm", width, height, (rows[y * stride : y * stride + width] for y in range(height)))
    return "\n".join(text)


def by_mupdf(path, paint):
    document = pymupdf.open(path)
    text = [page.get_text() for page in document]
    if paint:
        picture = document[0].get_pixmap(dpi=DPI, colorspace=pymupdf.csGRAY, alpha=False)
        rows = picture.samples
        stride, width, height = picture.stride, picture.width, picture.height
        write(path + ".mupdf.pgm", width, height, (rows[y * stride : y * stride + width] for y in range(height)))
    return "\n".join(text)


def write(path, width, height, rows):
    with open(path, "wb") as file:
        file.write(b"P5\n%d %d\n255\n" % (width, height))
        for row in rows:
            file.write(row)


def main():
    paint = False
    for path in sys.argv[1:]:
        if path == "--paint":
            paint = True
            continue
        print(json.dumps({"file": path, "pdfium": by_pdfium(path, paint), "mupdf": by_mupdf(path, paint)}), flush=True)


if __name__ == "__main__":
    main()
