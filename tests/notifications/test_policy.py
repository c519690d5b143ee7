"""Precedence: mandatory → own choice → the group's default → the declaration."""

from __future__ import annotations

from typing import Any

import pytest

from leads.notices import LeadReceivedNotice
from notifications.choices import IN_APP, PUSH, Channel, Reason
from notifications.policy import Policy, Verdict, verdict


def decide(
    channel: Channel = Channel.PUSH, roles: tuple[str, ...] = ("salesperson",), **rules: Any
) -> Verdict:
    return verdict(LeadReceivedNotice, roles, channel, rules.get("defaults", {}), rules.get("own", {}))


def test_declaration_decides_when_nobody_else_does():
    assert decide() == Verdict(enabled=True, reason=Reason.ROLE_DEFAULT)
    assert decide(Channel.SMS) == Verdict(enabled=False, reason=Reason.MUTED_BY_DEFAULT)


def test_group_default_beats_declaration():
    given = decide(defaults={("salesperson", "push"): False})

    assert given == Verdict(enabled=False, reason=Reason.GROUP_DEFAULT)


def test_own_choice_beats_group_default():
    given = decide(defaults={("salesperson", "push"): False}, own={"push": True})

    assert given == Verdict(enabled=True, reason=Reason.OWN_CHOICE)


def test_mandatory_beats_own_choice(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(LeadReceivedNotice, "mandatory", PUSH)

    given = decide(own={"push": False})

    assert given == Verdict(enabled=True, reason=Reason.MANDATORY)


def test_most_generous_of_several_roles_wins():
    assert decide(roles=("sales_manager", "salesperson")).enabled


def test_role_that_is_not_declared_hears_nothing():
    assert not decide(roles=("accountant",)).enabled


def test_every_channel_gets_a_verdict():
    given = Policy(LeadReceivedNotice, {}).verdicts({"salesperson"}, {})

    assert {channel for channel, one in given.items() if one.enabled} == IN_APP | PUSH
    assert set(given) == set(Channel)


def test_people_who_differ_get_their_own_answer():
    rules = Policy(LeadReceivedNotice, {})

    as_role = rules.verdicts({"salesperson"}, {})
    muted = rules.verdicts({"salesperson"}, {"push": False})

    assert as_role[Channel.PUSH].enabled
    assert not muted[Channel.PUSH].enabled
