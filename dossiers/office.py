"""Word → PDF, and the pages on which a document's bookmarks fall, through LibreOffice where it is installed.

LibreOffice reads and writes files only. This module is therefore the one exception, beside cli, to the rule that
the library leaves the disk alone: each call works in a temporary folder of its own, with a user profile of its own
(two calls at once do not meet, and no settings of the person running it are read or changed), and removes both.
"""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import signal
import subprocess
import zipfile
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from pypdf import PdfReader
from pypdf.errors import PyPdfError

PROGRAMS = ("soffice", "libreoffice")
TIMEOUT = 600  # seconds; a dossier of 1,100 pages took 274 s on two cores in November 2026
OPTIONS = {  # the PDF export filter of Writer
    "ExportBookmarks": True,  # an outline from the headings
    "ExportBookmarksToPDFDestination": True,  # a named destination for each bookmark of the document
    "UseTaggedPDF": True,  # structure for screen readers
    "ExportNotes": False,  # comments are for Word
    "DisplayPDFDocumentTitle": True,
}


class OfficeFault(RuntimeError):
    """LibreOffice is missing, or did not make a PDF; the message is a sentence for the person who asked."""


def available() -> bool:
    """Whether LibreOffice is to be found on this machine's PATH."""
    return _program() is not None


def pdf(docx: bytes, timeout: float = TIMEOUT) -> bytes:
    """`docx` as a tagged PDF with an outline, within `timeout` seconds. Raises OfficeFault where there will be none."""
    if not zipfile.is_zipfile(io.BytesIO(docx)):  # LibreOffice would take any bytes for text and print them
        raise OfficeFault("This is not a Word file (.docx), so there is no PDF of it.")
    program = _program()
    if program is None:
        raise OfficeFault(
            "PDF needs LibreOffice, which is not installed here (looked for soffice and libreoffice on the PATH). "
            "Download the Word file and save it as PDF there, or ask for LibreOffice Writer to be installed."
        )
    with TemporaryDirectory(prefix="dossiers-") as name:
        folder = Path(name)
        (folder / "document.docx").write_bytes(docx)
        said = _run(_command(program, folder), folder, timeout)
        made = folder / "document.pdf"
        if not made.is_file() or not made.stat().st_size:
            raise OfficeFault(f"LibreOffice made no PDF of this Word file. It said: {said or 'nothing'}")
        return made.read_bytes()


def pages(docx: bytes, bookmarks: Mapping[str, str], timeout: float = TIMEOUT) -> dict[str, int]:
    """Anchor → page, counted from 1, of each section, table or figure whose bookmark is in the document.

    `bookmarks` is anchor → bookmark, as `word.anchors` gives it for a draft.
    """
    return destinations(pdf(docx, timeout), bookmarks)


def destinations(made: bytes, bookmarks: Mapping[str, str]) -> dict[str, int]:
    """Anchor → page, counted from 1, read from a PDF's named destinations; anchors without one are left out."""
    try:
        reader = PdfReader(io.BytesIO(made))
        named = {name: reader.get_destination_page_number(at) for name, at in reader.named_destinations.items()}
    except PyPdfError as why:
        raise OfficeFault(f"The PDF that LibreOffice made cannot be read: {why}") from why
    found = {anchor: named.get(_destination(bookmark)) for anchor, bookmark in bookmarks.items()}
    return {anchor: page + 1 for anchor, page in found.items() if page is not None}


def _destination(name: str) -> str:
    """The PDF name LibreOffice gives a bookmark: all but ASCII letters, digits and "-" as hexadecimal, without "#"."""
    return "/" + re.sub("[^0-9A-Za-z-]", lambda found: f"{ord(found[0]):02X}", name)


def _program() -> str | None:
    return next((found for found in map(shutil.which, PROGRAMS) if found), None)


def _command(program: str, folder: Path) -> list[str]:
    options = {
        name: {"type": "boolean", "value": str(value).lower()} for name, value in OPTIONS.items()
    }  # the form that LibreOffice 7.4 and later read
    return [
        program,
        f"-env:UserInstallation={(folder / 'profile').as_uri()}",
        "--headless",
        "--norestore",
        "--nologo",
        "--nodefault",
        "--nolockcheck",
        "--infilter=MS Word 2007 XML",
        "--convert-to",
        f"pdf:writer_pdf_Export:{json.dumps(options, separators=(',', ':'))}",
        "--outdir",
        str(folder),
        str(folder / "document.docx"),
    ]


def _run(command: list[str], folder: Path, timeout: float) -> str:
    """What the program said. soffice is a script that starts others: on time-out the whole group is ended."""
    settled = {"HOME": str(folder), "TMPDIR": str(folder), "SAL_USE_VCLPLUGIN": "svp", "LC_ALL": "C.UTF-8"}
    process = subprocess.Popen(  # noqa: S603 - a program found on the PATH, with arguments of our own
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        cwd=folder,
        env=os.environ | settled,
        start_new_session=True,
    )
    try:
        said, _ = process.communicate(timeout=timeout)
    except subprocess.TimeoutExpired as why:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        raise OfficeFault(
            f"LibreOffice did not finish within {timeout:g} seconds, so there is no PDF. "
            "Try again when the machine is less busy, or save the Word file as PDF in Word."
        ) from why
    return said.decode(errors="replace").replace(str(folder), "").strip()
