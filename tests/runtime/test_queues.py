"""A task goes to one queue: a hint that five queues receive is work done five times."""

from __future__ import annotations

from dms.celery import app


def test_no_two_queues_share_a_routing_key():
    queues = app.amqp.queues.values()

    keys = [(queue.exchange.name, queue.routing_key) for queue in queues]

    assert len(set(keys)) == len(keys) == 6


def test_each_channel_is_sent_to_its_own_queue():
    routes = {
        name: app.amqp.router.route({"queue": name}, "notifications.send")
        for name in ("push", "email", "sms")
    }

    assert {name: route["queue"].routing_key for name, route in routes.items()} == {
        "push": "push",
        "email": "email",
        "sms": "sms",
    }
