"""Why a file cannot be read at all. Each refusal has a code; `imports.sentences` says it to a person."""

from __future__ import annotations

from typing import ClassVar


class Refused(Exception):
    """The file is not taken. `code` names a sentence, `values` fill it."""

    code: ClassVar[str] = "refused"

    def __init__(self, **values: str | int) -> None:
        super().__init__(self.code)
        self.values = values


class EmptyFile(Refused):
    """No bytes, or no row below the header."""

    code = "file_empty"


class FileForgotten(Refused):
    """The run is so old that its file is no longer kept."""

    code = "file_forgotten"


class FileTooBig(Refused):
    """More bytes than a file of rows has."""

    code = "file_too_big"


class TooManyRows(Refused):
    """More rows than any stock."""

    code = "too_many_rows"


class TooManyColumns(Refused):
    """More columns than any system exports: most often the delimiter is not what it seems."""

    code = "too_many_columns"


class NotATable(Refused):
    """Nothing in it looks like rows and columns."""

    code = "not_a_table"


class IsAWebPage(Refused):
    """An address that wants a sign-in answers with a page instead of the file."""

    code = "is_a_web_page"


class HoldsSeveralFiles(Refused):
    """An archive of which nobody can say which file is meant."""

    code = "holds_several_files"


class IsLocked(Refused):
    """An archive with a password."""

    code = "is_locked"


class OldOrProtectedSheet(Refused):
    """The spreadsheet format before 2007, or one with a password: both begin alike."""

    code = "old_or_protected_sheet"


class NotASheet(Refused):
    """A zip that holds no spreadsheet, or a damaged one."""

    code = "not_a_sheet"


class PackedTooTight(Refused):
    """A zip that unpacks to far more than any spreadsheet: a zip bomb."""

    code = "packed_too_tight"


class FileIsCut(Refused):
    """The file ends before its end."""

    code = "file_cut"


class BrokenXml(Refused):
    """Not well-formed."""

    code = "broken_xml"


class ForbiddenXml(Refused):
    """XML with a document type or entities: they can read files and fill memory, and no feed needs them."""

    code = "forbidden_xml"


class BrokenJson(Refused):
    """Not JSON, or no list of objects in it."""

    code = "broken_json"


class LineTooLong(Refused):
    """A line without an end."""

    code = "line_too_long"
