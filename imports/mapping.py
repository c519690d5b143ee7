"""Which column of a file is which field: proposed from the header, corrected by a person, kept with the feed."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence

from imports.declarations import Importer
from imports.headers import heard

# A header that was looked at and is nobody's: kept, so that it is not proposed again.
IGNORED = ""
# Column → some of the different texts that it holds.
Texts = Mapping[str, Collection[str]]
_LOOKED_AT = 50


def known_headers(importer: type[Importer]) -> dict[str, str]:
    """What any file may call a field, as `heard` has it → the field. The field's own name is one as well."""
    found = {heard(field.name): field.name for field in importer.fields}
    for field in importer.fields:
        found.update(dict.fromkeys(map(heard, (*field.headers, *field.vague)), field.name))
    return found


def proposed(
    importer: type[Importer],
    columns: Sequence[str],
    *,
    has_header: bool = True,
    without: Collection[str] = (),
    texts: Texts | None = None,
) -> dict[str, str]:
    """Column → field, each field once but for lists: by the header, or by position in a format that has none.

    Of two columns for a field that has the header which its declaration names first: a « boîte » before a
    « transmission ». `without` are fields that other columns bring already; `texts` what some columns hold: a
    header that may mean several things, « Type », is taken for what its cells speak of.
    """
    if not has_header:
        return _by_position(importer, columns)
    known, mapping = known_headers(importer), dict.fromkeys(columns, IGNORED)
    several = lists_of(importer)
    taken, rank = set(without) - several, {header: place for place, header in enumerate(known)}
    for exact in (True, False):
        for column in sorted(columns, key=lambda column: rank.get(heard(column), len(rank))):
            field = known.get(heard(column)) if exact else _nearly(known, column)
            if field is None and not exact:
                field = _numbered(known, column, several)
            if field is None or field in taken or mapping[column]:
                continue
            if _could_say(importer, field, column, (texts or {}).get(column, ())):
                mapping[column] = field
                taken |= {field} - several
    return mapping


def _could_say(importer: type[Importer], name: str, column: str, texts: Collection[str]) -> bool:
    """Whether a column is the field, where its header alone does not tell: what it holds then must."""
    field = importer.field(name)
    if field is None or not texts:
        return True
    vague = set(map(heard, field.vague))
    return not vague & {heard(column), heard(_PATH.split(column)[-1])} or field.reader.could_say(texts)


def texts_of(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> Texts:
    """Column → the different texts that it holds in these rows, as far as is worth looking at."""
    found: dict[str, dict[str, None]] = {column: {} for column in columns}
    for cells in rows:
        for seen, cell in zip(found.values(), cells, strict=False):
            if len(seen) < _LOOKED_AT and (text := cell.strip()):
                seen[text] = None
    return found


def lists_of(importer: type[Importer]) -> frozenset[str]:
    """The fields that several columns may bring."""
    return frozenset(field.name for field in importer.fields if field.several)


def _numbered(known: Mapping[str, str], column: str, several: Collection[str]) -> str | None:
    """« Photo 2 », « image_03 », « photos.7 », « image[0].url »: one of a list."""
    field = known.get(re.sub(r"\s*\d{1,3}(?= url$|$)", "", heard(column)))
    return field if field in several else None


# What a header says of its cells beside their field: « Km (km) », « Prix (€) », « CO2 g/km ».
_UNITS = frozenset(("km", "kms", "€", "eur", "euro", "euros", "cad", "ttc", "ch", "hp", "g", "en", "in"))
# What systems put around the word that counts: « marque_libelle », « Nom du modèle ».
_FILLERS = frozenset(
    ("libelle", "lib", "nom", "name", "du", "de", "la", "le", "vehicule", "vehicle", "vo", "txt")
)
# Another thing than the field whose name stands beside: « Prix de vente HT », « Ancien prix de vente », « devise ».
_OTHERWISE = frozenset(
    (
        "ht", "htva", "hors", "ancien", "ancienne", "old", "previous", "barre", "remise", "devise", "currency", "unite",
        "unit", "interieur", "interieure", "interior", "pro", "marchand", "fiscale", "fiscal", "code", "mi", "miles",
        "mois", "month", "label", "alt", "nb", "nombre", "count", "marge", "margin", "cote", "modification", "modified",
        "baisse", "ecart", "frais", "fee", "fees", "mensualite", "mensuel", "mensuelle", "monthly", "reprise", "cle",
        "pneus", "commission", "delai", "rapports", "classe", "logo", "loyer", "acompte", "financement", "payment",
    )
)  # fmt: skip
# Names that anything below a row may have: its dealer, its photos.
_ANYBODYS = frozenset(
    (
        "id", "type", "state", "place", "title", "titre", "ref", "reference", "identifiant", "description", "notes",
        "kind",
    )
)  # fmt: skip


_PATH = re.compile(r"[.@]")


def _nearly(known: Mapping[str, str], column: str) -> str | None:
    """A header with a unit, one that contains a known one, or a path of XML and JSON that ends in one."""
    header = heard(column)
    if others := _OTHERWISE.intersection(header.split()):
        # « prix@devise » says what the price is in.
        fits = [name for name in known if others.issubset(name.split()) and f" {header}".endswith(f" {name}")]
        return known[max(fits, key=len)] if fits else None
    found = known.get(_without_units(header)) or _inside(known, header) or _at_the_end(known, column)
    return found or known.get(" ".join(word for word in header.split() if word not in _FILLERS))


def _without_units(header: str) -> str:
    words = header.split()
    while len(words) > 1 and words[-1] in _UNITS:
        words.pop()
    return " ".join(words)


def _inside(known: Mapping[str, str], header: str) -> str | None:
    """The longest known header of two words or more that this one contains, rather one that stands at its end."""
    fits = [name for name in known if " " in name and f" {name} " in f" {header} "]
    return known[max(fits, key=lambda name: (header.endswith(name), len(name)))] if fits else None


def _at_the_end(known: Mapping[str, str], column: str) -> str | None:
    """« identification.marque », « price@amount »: what the last part says, unless it may be anybody's."""
    last = _PATH.split(column)[-1]
    if last == column or heard(last) in _ANYBODYS:
        return None
    return known.get(heard(last)) or known.get(_without_units(heard(last)))


def _by_position(importer: type[Importer], columns: Sequence[str]) -> dict[str, str]:
    layout = next((layout for layout in importer.layouts if len(columns) >= layout.least), None)
    fields = layout.fields if layout else {}
    return {column: fields.get(place, IGNORED) for place, column in enumerate(columns, start=1)}


def for_file(
    importer: type[Importer],
    kept: Mapping[str, str],
    columns: Sequence[str],
    *,
    has_header: bool = True,
    by_itself: bool = False,
    texts: Texts | None = None,
) -> dict[str, str]:
    """The feed's own mapping as far as it speaks of these columns; what is new is proposed.

    A header that differs in capitals or accents only is the same. `by_itself` no person looks at it: what not
    everybody may see is then not taken unless somebody once said so. `texts` as for `proposed`.
    """
    heard_before = {heard(column): field for column, field in kept.items()}
    mapping = {
        column: field
        for column in columns
        if (field := kept.get(column, heard_before.get(heard(column)))) is not None
    }
    taken = {field for field in mapping.values() if field}
    new = [column for column in columns if column not in mapping] if has_header else columns
    offered = proposed(importer, new, has_header=has_header, without=taken, texts=texts)
    for column in columns:
        if column not in mapping:
            mapping[column] = (
                offered[column] if offered[column] not in taken - lists_of(importer) else IGNORED
            )
    if by_itself:
        guarded = {field.name for field in importer.fields if field.needs} - set(kept.values())
        mapping = {column: IGNORED if field in guarded else field for column, field in mapping.items()}
    known = {field.name for field in importer.fields}
    return {column: field if field in known else IGNORED for column, field in mapping.items()}


def missing(importer: type[Importer], mapping: Mapping[str, str]) -> list[str]:
    """Required fields that no column brings."""
    brought = set(mapping.values())
    return [field.name for field in importer.fields if field.required and field.name not in brought]
