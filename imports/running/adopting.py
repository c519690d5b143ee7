"""What a colleague or another feed has brought since the file was read is adopted, and not brought twice."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from imports.declarations import Importer
from imports.plan import Plan
from imports.running.stage import WRITE
from sites.locks import hold_group

if TYPE_CHECKING:
    from imports.running.writing import Chunk


def keep_others_out(plan: Plan) -> None:
    """Nobody in the group brings what the file's rows are adopted by until the transaction ends."""
    if plan.importer.adopted_by in plan.brought:
        hold_group(plan.setting.feed.group_id)


def adopt_newcomers(chunk: Chunk) -> None:
    """Give the chunk's new rows for targets what has come meanwhile. Others are kept out."""
    importer, stage, by = chunk.importer, chunk.stage, chunk.importer.adopted_by
    if by not in chunk.plan.brought:
        return
    column, group = f'"{importer.column(by).column}"', chunk.feed.group_id
    # One with another key was known before, and released because that key is in the file itself: it is another one.
    new = f"s.outcome = '{WRITE}' AND s.target IS NULL AND s.other_key IS NULL"
    same = f"FROM {chunk.table} t WHERE t.group_id = %s AND t.{column} = s.{column} AND NOT (t.{column} = '')"
    # Each row is looked up by itself, as `here` does it: PostgreSQL might read through the whole group instead.
    exists = f"{new} AND EXISTS (SELECT 1 {same} LIMIT 1 OFFSET 0)"
    if not chunk.rows(f"SELECT 1 FROM {stage.name} s WHERE {exists}", [group], " LIMIT 1"):  # noqa: S608 - our names
        return
    alive, values = alive_first(importer)
    chunk.execute(
        f"UPDATE {stage.name} AS s SET target = (SELECT t.id {same} ORDER BY {alive}, t.id DESC LIMIT 1)"  # noqa: S608
        f" WHERE {exists}",
        [group, *values, group],
    )
    stage.has_targets = True


def alive_first(importer: type[Importer]) -> tuple[str, Sequence[str]]:
    """How rows are sorted so that one which may still be written comes before one that may not."""
    column, values = importer.untouchable
    if not column:
        return "0", ()
    marks = ", ".join(["%s"] * len(values))
    return f'CASE WHEN t."{importer.column(column).column}" IN ({marks}) THEN 1 ELSE 0 END', values
