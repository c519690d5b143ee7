"""Rows that a person typed in before a feed brought them: the feed takes over the one that has its number."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import connection

from imports.plan import Plan


def typed_in(plan: Plan) -> Mapping[Any, Any]:
    """Number → the one living row of the feed's sites that has it, where no feed has brought that row.

    Asked once a run: people type in few. A row that says what rows are adopted by is known by that alone, and of two
    with one number nobody can say which is meant.
    """
    if plan.typed_in is None:
        plan.typed_in = _found(plan) if plan.importer.claimed_by and plan.setting.sites else {}
    return plan.typed_in


def _found(plan: Plan) -> dict[Any, Any]:
    importer, sites = plan.importer, [site.pk for site in plan.setting.sites]
    number = f'"{importer.column(importer.claimed_by).column}"'
    adopted = f"AND t.\"{importer.column(importer.adopted_by).column}\" = ''" if importer.adopted_by else ""
    alive, parameters = _alive(plan, sites)
    table = importer.model._meta.db_table
    sql = (
        f"SELECT t.{number}, t.id FROM {table} t WHERE t.feed_id IS NULL AND t.{number} <> '' {adopted}"  # noqa: S608 - our names
        f" AND {alive.format('t')} AND NOT EXISTS (SELECT 1 FROM {table} o"
        f" WHERE o.group_id = t.group_id AND o.{number} = t.{number} AND o.{number} <> '' AND o.id <> t.id"
        f" AND {alive.format('o')})"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [*parameters, *parameters])
        return dict(cursor.fetchall())


def _alive(plan: Plan, sites: list[int]) -> tuple[str, list[Any]]:
    """On one of the feed's sites, and one that may still be written; the table's name goes into the braces."""
    column, values = plan.importer.untouchable
    site = plan.importer.column(plan.importer.stands_on).column
    sql = f'{{0}}."{site}" IN ({_marks(sites)})'
    if column:
        sql += f' AND {{0}}."{plan.importer.column(column).column}" NOT IN ({_marks(values)})'
    return sql, [*sites, *values]


def _marks(values: Any) -> str:
    return ", ".join(["%s"] * len(values))
