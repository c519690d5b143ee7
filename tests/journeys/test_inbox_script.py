"""The tab's own bookkeeping through thousands of unlucky orders: hints lost, late, doubled, readings that fail."""

from __future__ import annotations

import pytest

from tests.journeys.conftest import NewPage
from tests.journeys.serving import Server

# A server with a log of changes answers `readAfter` in pages of at most three; hints come in any order or never.
UNLUCKY_DAY = """async (seed) => {
  const { Inbox } = await import("/static/js/inbox.js");
  const random = () => (seed = (seed * 1103515245 + 12345) % 2147483648) / 2147483648;
  const log = [];
  const readAfter = async (after) => {
    await new Promise((done) => setTimeout(done, random() * 3));
    if (random() < 0.2) throw new TypeError("no network");
    const head = log.length;
    await new Promise((done) => setTimeout(done, random() * 2));  // changes may come in between
    const rest = log.filter((item) => item.seq > after);
    return { head, unread: head, items: rest.slice(0, 3), more: rest.length > 3 };
  };
  const inbox = new Inbox({ head: 0, unread: 0 }, readAfter);
  const seen = [];
  inbox.addEventListener("changed", ({ detail }) => seen.push(...detail.map((item) => item.seq)));
  for (let step = 0; step < 60; step += 1) {
    if (random() < 0.6) log.push({ seq: log.length + 1, id: 1 + Math.floor(random() * 9) });
    if (random() < 0.4) {
      const head = Math.floor(random() * (log.length + 1));
      inbox.hint({ head, unread: head });
    }
    if (random() < 0.3) await new Promise((done) => setTimeout(done, random() * 4));
  }
  inbox.hint({ head: log.length, unread: log.length });
  for (let attempt = 0; attempt < 100 && inbox.cursor < log.length; attempt += 1) await inbox.catchUp().catch(() => {});
  return { seen, changes: log.map((item) => item.seq), unread: inbox.unread, cursor: inbox.cursor };
}"""


# Every change has its hint, nothing fails, and nobody looks by himself: the hints alone must suffice.
ORDINARY_DAY = """async (seed) => {
  const changes = 1 + (seed % 3);
  const { Inbox } = await import("/static/js/inbox.js");
  const random = () => (seed = (seed * 1103515245 + 12345) % 2147483648) / 2147483648;
  const pause = (longest) => new Promise((done) => setTimeout(done, random() * longest));
  const log = [];
  const readAfter = async (after) => {
    const head = log.length;  // read first, answered later: changes and their hints come in between
    const items = log.filter((item) => item.seq > after);
    await pause(4);
    return { head, unread: head, items, more: false };
  };
  const inbox = new Inbox({ head: 0, unread: 0 }, readAfter);
  const seen = [];
  inbox.addEventListener("changed", ({ detail }) => seen.push(...detail.map((item) => item.seq)));
  inbox.catchUp();  // as on connecting
  for (let seq = 1; seq <= changes; seq += 1) {
    await pause(3);
    log.push({ seq, id: seq });
    inbox.hint({ head: seq, unread: seq });
  }
  await new Promise((done) => setTimeout(done, 60));
  return { seen, changes: log.map((item) => item.seq) };
}"""


@pytest.mark.parametrize("seeds", [range(1, 41)], ids=["40 days"])
def test_every_change_is_seen_once_and_in_order_however_hints_fare(
    seeds: range, server: Server, new_page: NewPage
):
    page = new_page()
    page.goto(f"{server.url}/accounts/login/")

    for seed in seeds:
        day = page.evaluate(UNLUCKY_DAY, seed)
        assert day["seen"] == day["changes"], f"seed {seed}"
        assert day["cursor"] == day["unread"] == len(day["changes"])


def test_a_hint_that_overtakes_an_answer_is_not_forgotten(server: Server, new_page: NewPage):
    page = new_page()
    page.goto(f"{server.url}/accounts/login/")

    days = [page.evaluate(ORDINARY_DAY, seed) for seed in range(1, 41)]

    assert [day for day in days if day["seen"] != day["changes"]] == []


def test_an_older_hint_changes_nothing(server: Server, new_page: NewPage):
    page = new_page()
    page.goto(f"{server.url}/accounts/login/")

    unread = page.evaluate(
        """async () => {
          const { Inbox } = await import("/static/js/inbox.js");
          const inbox = new Inbox({ head: 9, unread: 4 }, async () => ({ head: 9, unread: 4, items: [], more: false }));
          inbox.hint({ head: 7, unread: 99 });
          return inbox.unread;
        }"""
    )

    assert unread == 4
