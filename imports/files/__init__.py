"""Files as other systems write them, read as rows of text: streamed, capped, refused in words of a person."""

from imports.files.opening import open_table
from imports.files.refusals import Refused
from imports.files.table import Row, Shape, Table

__all__ = ["Refused", "Row", "Shape", "Table", "open_table"]
