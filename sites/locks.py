"""Waiting for each other within a group."""

from __future__ import annotations

from sites.models import Group


def hold_group(group_id: int) -> None:
    """One at a time in the group until the transaction ends: for what is decided by looking at all of its rows.

    Comes before the lock on any of these rows, so that nobody waits crosswise. It is no lock of the key: leads and
    whatever else only points at the group come in meanwhile.
    """
    list(Group.objects.select_for_update(no_key=True).filter(pk=group_id).values_list("pk"))
