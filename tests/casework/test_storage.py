"""Stored files: whole or absent, known by their content, never under the name a person gave."""

from __future__ import annotations

import hashlib
import io
import struct
import zipfile
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from casework import filekinds
from casework.errors import InvalidInput, NotFound, TooLarge
from casework.storage import CHUNK, Storage, Stored

AT = datetime(2024, 1, 15, 9, 0, tzinfo=UTC)
LIMIT = 1024 * 1024
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\n%%EOF\n"
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(40)
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + bytes(40)
EXE = b"MZ\x90\x00\x03\x00\x00\x00\x04" + bytes(200)
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)


def zipped(members: Iterable[str], *, first: tuple[str, str] | None = None) -> bytes:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as archive:
        if first is not None:
            archive.writestr(zipfile.ZipInfo(first[0]), first[1])
        for member in members:
            archive.writestr(member, "contenu")
    return kept.getvalue()


def open_document(kind: str) -> bytes:
    return zipped(["content.xml"], first=("mimetype", f"application/vnd.oasis.opendocument.{kind}"))


DOCX = zipped(["[Content_Types].xml", "word/document.xml"])
XLSX = zipped(["[Content_Types].xml", "xl/workbook.xml"])
ODT, ODS = open_document("text"), open_document("spreadsheet")


@pytest.fixture
def storage(tmp_path: Path) -> Storage:
    return Storage(tmp_path / "files")


def put(storage: Storage, content: bytes, name: str, *, limit: int = LIMIT) -> Stored:
    return storage.put(io.BytesIO(content), name=name, limit=limit, at=AT)


def refused(storage: Storage, content: bytes, name: str) -> str:
    with pytest.raises(InvalidInput) as caught:
        put(storage, content, name)
    assert not files_of(storage), "a refused file must leave nothing behind"
    return caught.value.errors[filekinds.FIELD][0]


def files_of(storage: Storage) -> list[Path]:
    return [path for path in storage.root.rglob("*") if path.is_file()]


def test_a_file_is_kept_whole_under_a_generated_key_with_its_size_and_digest(storage: Storage) -> None:
    content = PDF + b"x" * (3 * CHUNK)
    stored = put(storage, content, "../../etc/Statuts signés.pdf", limit=4 * CHUNK)
    assert (stored.size, stored.digest) == (len(content), hashlib.sha256(content).hexdigest())
    assert (stored.name, stored.media_type) == ("Statuts signés.pdf", "application/pdf")
    assert len(stored.key) <= 80
    assert files_of(storage) == [storage.root / stored.key]
    assert "statuts" not in stored.key.lower()
    with storage.open(stored.key) as kept:
        assert kept.read() == content


@pytest.mark.parametrize(
    ("content", "name", "kept_name", "media_type"),
    [
        (PDF, "rib.PDF", "rib.PDF", "application/pdf"),
        (PNG, "photo.png", "photo.png", "image/png"),
        (JPEG, "scan.jpeg", "scan.jpeg", "image/jpeg"),
        (JPEG, "photo.png", "photo.jpg", "image/jpeg"),
        (DOCX, "projet.docx", "projet.docx", filekinds.DOCX.media_type),
        (XLSX, "budget.xlsx", "budget.xlsx", filekinds.XLSX.media_type),
        (ODT, "projet.odt", "projet.odt", filekinds.ODT.media_type),
        (ODS, "budget.ods", "budget.ods", filekinds.ODS.media_type),
        ("\ufeffposte;montant\nSalaires;12 000 €\n".encode(), "budget.csv", "budget.csv", "text/csv"),
        ("Été".encode(), "note.txt", "note.txt", "text/plain"),
        (PDF, "statuts", "statuts.pdf", "application/pdf"),
        (PDF, "programme.exe", "programme.exe.pdf", "application/pdf"),
        (PDF, "bilan 2.1 version longue du conseil", "bilan 2.1 version longue du conseil.pdf", "application/pdf"),
    ],
)
def test_each_accepted_kind_is_known_by_its_content_and_named_accordingly(
    storage: Storage, content: bytes, name: str, kept_name: str, media_type: str
) -> None:
    stored = put(storage, content, name)
    assert (stored.name, stored.media_type) == (kept_name, media_type)


@pytest.mark.parametrize(
    ("content", "name", "found"),
    [
        (EXE, "x.pdf", "un programme"),
        (b"#!/bin/sh\nrm -rf /\n", "notes.txt", "un programme"),
        (b"<!DOCTYPE html><script>alert(1)</script>", "x.pdf", "une page HTML"),
        (b"bonjour <script>alert(1)</script>", "notes.txt", "une page HTML"),
        (b'<?xml version="1.0"?><svg onload="alert(1)"/>', "dessin.txt", "un fichier XML"),
        (b"simplement du texte", "x.pdf", "du texte simple"),
        (PDF, "budget.xlsx", "un document PDF"),
        (zipped(["a.txt"]), "archive.docx", "une archive ZIP"),
        (zipped(["[Content_Types].xml", "ppt/presentation.xml"]), "x.docx", "un diaporama PowerPoint"),
        (zipped(["[Content_Types].xml", "word/document.xml", "word/vbaProject.bin"]), "x.docx", "macros"),
        (open_document("presentation"), "x.odt", "OpenDocument d’un autre type"),
        (DOCX[:-40], "x.docx", "abîmée"),
        (OLE, "ancien.doc", "protégé par un mot de passe"),
        ("Été;1".encode("latin-1"), "budget.csv", "n’est pas en UTF-8"),
        ("Été;1".encode("utf-16"), "budget.csv", "n’est pas en UTF-8"),
        (b"GIF89a" + bytes(40), "image.png", "« gif »"),
        (b"\x00\x01\x02inconnu" * 9, "x.pdf", "d’un type inconnu"),
        (b"{\\rtf1 bonjour}", "x.txt", "un texte RTF"),
    ],
)
def test_a_file_of_another_kind_is_refused_saying_what_it_is_and_what_is_accepted(
    storage: Storage, content: bytes, name: str, found: str
) -> None:
    sentence = refused(storage, content, name)
    assert found in sentence
    assert name in sentence
    assert filekinds.ACCEPTED in sentence


def test_an_empty_file_is_refused(storage: Storage) -> None:
    assert "vide" in refused(storage, b"", "statuts.pdf")


def test_a_file_beyond_the_limit_is_refused_before_it_is_read_to_its_end(storage: Storage) -> None:
    stream = io.BytesIO(PDF + bytes(40 * CHUNK))
    with pytest.raises(TooLarge, match="1 Mo au plus"):
        storage.put(stream, name="gros.pdf", limit=LIMIT, at=AT)
    assert stream.tell() <= LIMIT + CHUNK
    assert not files_of(storage)


def test_a_file_of_exactly_the_limit_is_kept(storage: Storage) -> None:
    assert put(storage, PDF.ljust(LIMIT, b" "), "juste.pdf").size == LIMIT


def test_an_archive_is_never_unpacked_nor_its_huge_member_list_read(storage: Storage) -> None:
    assert put(storage, zipped_bomb(), "bombe.docx").size < 40_000
    fat = bytearray(DOCX)
    end = fat.rfind(b"PK\x05\x06")
    struct.pack_into("<I", fat, end + 12, 2 << 20)
    assert "trop chargée" in refused(Storage(storage.root / "other"), bytes(fat), "x.docx")


def zipped_bomb() -> bytes:
    """30 MB of zeros in a member of 30 KB: harmless for who only reads the list."""
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "")
        archive.writestr("word/document.xml", bytes(30_000_000))
    return kept.getvalue()


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("C:\\Users\\Ana\\Mes documents\\rib.pdf", "rib.pdf"),
        ("statuts\r\nSet-Cookie: a=b.pdf", "statuts Set-Cookie- a=b.pdf"),
        ('a"b;c.pdf', "a-b;c.pdf"),
        ("facture\u202efdp.exe", "facture fdp.exe"),
        ("  .. ", "document"),
        ("", "document"),
        ("e\u0301te\u0301.pdf", "été.pdf"),
    ],
)
def test_a_name_is_made_fit_for_display(given: str, shown: str) -> None:
    assert filekinds.accepted_name(given) == shown


@pytest.mark.parametrize("name", ["é" * 400 + ".pdf", "a" * 400, "a" * 196 + ".exe"])
def test_a_long_name_keeps_its_ending_within_200_characters(storage: Storage, name: str) -> None:
    kept = put(storage, PDF, name).name
    assert len(kept) <= filekinds.NAME_MAX
    assert kept.endswith(".pdf")


@pytest.mark.parametrize("key", ["../../etc/passwd", "incoming/x", "", "aa/bb/cc", "/etc/passwd"])
def test_a_key_that_was_not_generated_opens_nothing(storage: Storage, key: str) -> None:
    for use in (storage.open, storage.exists, storage.delete):
        with pytest.raises(NotFound):
            use(key)


def test_a_deleted_file_is_gone_and_deleting_it_again_is_harmless(storage: Storage) -> None:
    key = put(storage, PDF, "rib.pdf").key
    storage.delete(key)
    storage.delete(key)
    assert not storage.exists(key)
    with pytest.raises(NotFound):
        storage.open(key)


def test_the_age_of_a_file_is_told_by_the_clock_of_the_service(storage: Storage) -> None:
    key = put(storage, PDF, "rib.pdf").key
    assert list(storage.keys(before=AT + timedelta(seconds=1))) == [key]
    assert list(storage.keys(before=AT)) == []


def test_what_an_interrupted_upload_leaves_is_cleaned_after_a_while(storage: Storage) -> None:
    put(storage, PDF, "rib.pdf")
    left = storage.root / "incoming" / f"{int(AT.timestamp())}-0123456789abcdef"
    left.write_bytes(b"half a file")
    assert storage.clean_incoming(before=AT) == 0
    assert storage.clean_incoming(before=AT + timedelta(days=1)) == 1
    assert not left.exists()


class Broken(io.BytesIO):
    """A connection cut after the first chunk."""

    def read(self, size: int | None = -1) -> bytes:
        if self.tell():
            raise ConnectionResetError
        return super().read(size)


def test_a_connection_cut_in_the_middle_leaves_nothing(storage: Storage) -> None:
    with pytest.raises(ConnectionResetError):
        storage.put(Broken(PDF + bytes(2 * CHUNK)), name="rib.pdf", limit=LIMIT, at=AT)
    assert not files_of(storage)
