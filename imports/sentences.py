"""What the engine says to people: a code and its values become a sentence that a stock manager understands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from imports import declarations

# The columns that a file of faulty rows begins and ends with.
ROW, WHY = _("Row in the file"), _("What is wrong")

_UNKNOWN = _("Something is wrong here (%(code)s).")

# Why a file is not taken.
_FILES: Mapping[str, str | Promise] = {
    "file_empty": _("The file is empty. Nothing was changed."),
    "file_forgotten": _(
        "The file of this import is no longer kept. Drop it once more to take its rows again."
    ),
    "file_too_big": _("The file is larger than %(most)s MB. Nothing was changed."),
    "too_many_rows": _("The file has more than %(most)s rows. Nothing was changed."),
    "too_many_columns": _(
        "The file has %(columns)s columns, more than %(most)s: its delimiter is probably not what it seems."
    ),
    "not_a_table": _("This is not a table. Export the list as CSV, Excel (.xlsx), XML or JSON."),
    "is_a_web_page": _(
        "This is a web page, not a file. The address probably asks for a sign-in, or the file has moved."
    ),
    "holds_several_files": _("This archive holds several files. Send the list alone."),
    "is_locked": _("This archive has a password. Send it without one."),
    "old_or_protected_sheet": _(
        "This spreadsheet is in the format before 2007 or has a password. Save it as .xlsx without a password."
    ),
    "not_a_sheet": _("This file is damaged, or it is not an Excel spreadsheet (.xlsx)."),
    "packed_too_tight": _("This file unpacks to more than any list of rows. It was not opened."),
    "file_cut": _("The file ends in the middle: it was not transferred completely. Nothing was changed."),
    "broken_xml": _("The XML is broken in line %(line)s. Ask the sender to correct it. Nothing was changed."),
    "forbidden_xml": _("The XML has a document type or entities. For your safety it was not read."),
    "broken_json": _("The JSON is broken or holds no list of objects. Nothing was changed."),
    "line_too_long": _("The file has a line without an end. It is probably not a table."),
    "columns_missing": _(
        "These columns were not found: %(fields)s. The format has changed, or the columns are not assigned yet."
    ),
    "would_vanish": _(
        "%(missing)s of %(alive)s rows of this feed are not in the file: more than %(limit)s %%. "
        "Nothing was changed. Look at the file before you go on."
    ),
    "unexpected": _("The import stopped because of a fault of ours. It has been reported."),
    "secret_lost": _("The password of this feed can no longer be read. Enter it again."),
    "fetched_too_big": _("The file on the server is larger than 200 MB. It was not fetched."),
    "wrong_host_key": _(
        "The SFTP server has another key than the one entered here. Check it before you go on."
    ),
    "sign_in_refused": _("The server refused the user name or the password."),
    "no_such_file": _("There is no file at this address."),
    "not_given": _("The server answered with an error instead of the file."),
    "unreachable": _("The server could not be reached. It will be tried again."),
}

# What is wrong with a row or a cell.
_ROWS: Mapping[str, str | Promise] = {
    "missing": _("This must be filled in."),
    "too_long": _("This is longer than %(longest)s characters."),
    "out_of_range": _("This number is not between %(least)s and %(most)s."),
    "not_a_number": _("This is not a whole number."),
    "not_money": _("This is not an amount."),
    "too_much": _("This amount is too large."),
    "other_currency": _("This amount is in another currency than that of the site (%(ours)s)."),
    "without_tax": _("This amount is without tax. Write it with tax."),
    "not_a_day": _("This is not a date that exists. Write it as 2021-03-15."),
    "not_a_year": _("This is not a year."),
    "unknown_value": _("This word is not known here. Say once what it means, and it will be remembered."),
    "not_yes_or_no": _("This is neither yes nor no."),
    "cell_too_long": _("This cell is longer than %(longest)s characters."),
    "no_text": _("This cell holds a character that no text has."),
    "row_too_long": _(
        "This row has %(cells)s cells, the header %(columns)s: there is probably a delimiter within a text."
    ),
    "row_cut": _("The file ends in the middle of this row."),
    "quote_open": _("A quotation mark is opened in this row and never closed."),
    "no_key": _("Nothing in this row says which one it is: no number to recognise it by."),
    "double": _("The same as in row %(row)s. The first one counts."),
    "double_here": _("This one is here already, under another number."),
    "double_other": _("Already in row %(row)s under another number. The first one counts."),
}

# Lines of the log.
_STEPS: Mapping[str, str | Promise] = {
    "overtaken": _("Left: a newer file of this feed has come"),
    "waits": _("Waits for “%(feed)s”, which is writing to the same site"),
    "started": _("Started: %(file)s"),
    "taken_up": _("Taken up again after an interruption"),
    "read": _("%(rows)s rows read"),
    "doubt": _("%(doubt)s: %(count)s rows, the first is row %(row)s"),
    "left_alone": _("%(count)s rows are sold or withdrawn here and were not put back"),
    "finished": _(
        "Finished: %(created)s new, %(updated)s changed, %(unchanged)s unchanged, %(failed)s in error, "
        "%(vanished)s no longer in the file"
    ),
    "nothing_new": _("Finished: nothing has changed since the last time (%(unchanged)s rows)"),
    "cancelled": _("Cancelled after %(written)s rows; these stay"),
    "goes_on": _("%(person)s has looked and lets it go on"),
    "undo_asked": _("%(person)s undoes this import"),
    "undone": _(
        "Undone: %(erased)s erased, %(restored)s set back, %(kept)s changed since and left as they are, "
        "%(in_use)s in use and left"
    ),
    "columns_mapped": _("The columns were assigned by their names"),
}

# Why a setting of a feed is not possible.
_FEEDS: Mapping[str, str | Promise] = {
    "name_taken": _("There is already a feed of this name."),
    "unknown_field": _("There is no such field."),
    "unknown_priority": _("Choose the feed or the person."),
    "too_often": _("At most every 5 minutes."),
    "address_refused": _("This address is not called: https on a public server only."),
    "sftp_incomplete": _("An SFTP server needs its address, a user name and the key of the server."),
}

_ALL = {**_FILES, **_ROWS, **_STEPS, **_FEEDS}


def of(code: str, values: Mapping[str, Any]) -> str:
    """The sentence of a code in the active language. An importer's own codes are its own sentences."""
    sentence = _sentence(code)
    if sentence is None:
        return str(_UNKNOWN) % {"code": code}
    said = {name: _said(name, value) for name, value in values.items()}
    try:
        return str(sentence) % said
    except (KeyError, ValueError, TypeError):
        return str(sentence)


def problem_sentence(problem: Mapping[str, Any]) -> str:
    """One entry of `Fault.problems`, with its column and what stood there."""
    sentence = of(problem["code"], problem["values"])
    if not problem["column"]:
        return sentence
    if not problem["value"]:
        return gettext("%(column)s: %(sentence)s") % {"column": problem["column"], "sentence": sentence}
    return gettext("%(column)s “%(value)s”: %(sentence)s") % {
        "column": problem["column"],
        "value": problem["value"],
        "sentence": sentence,
    }


def _sentence(code: str) -> str | Promise | None:
    if code in _ALL:
        return _ALL[code]
    return next(
        (importer.sentences[code] for importer in declarations.all_importers() if code in importer.sentences),
        None,
    )


def _said(name: str, value: Any) -> Any:
    """Some values are codes or names of fields themselves."""
    if name == "doubt":
        return _sentence(str(value)) or value
    if name == "fields":
        return ", ".join(_label(field) for field in str(value).split(", "))
    return value


def _label(name: str) -> str:
    fields = (importer.field(name) for importer in declarations.all_importers())
    return next((str(field.label) for field in fields if field is not None), name)
