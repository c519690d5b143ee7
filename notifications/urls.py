"""Pages of the inbox, of what each person wants to hear, of his devices, the outbox; and where providers call."""

from django.urls import path

from notifications.views import (
    addresses,
    devices,
    filing,
    gallery,
    hours,
    inbox,
    outbox,
    preferences,
    undelivered,
    unsubscribe,
    webhooks,
    why,
)

app_name = "notifications"

urlpatterns = [
    path("inbox/", inbox.inbox, name="inbox"),
    path("inbox/items/", inbox.items, name="items"),
    path("inbox/latest/", inbox.latest, name="latest"),
    path("inbox/read/", inbox.read_all, name="read-all"),
    path("inbox/file/", filing.file_some, name="file"),
    path("inbox/later/", filing.later, name="later"),
    path("inbox/undo/", filing.take_back, name="undo"),
    path("preferences/", preferences.preferences, name="preferences"),
    path("preferences/devices/", devices.devices, name="devices"),
    path("preferences/devices/<int:device_id>/remove/", devices.remove, name="device-remove"),
    path("preferences/devices/<int:device_id>/test/", devices.test, name="device-test"),
    path("preferences/addresses/<int:block_id>/lift/", addresses.lift, name="address-lift"),
    path("inbox/<int:notification_id>/why/", why.why, name="why"),
    path("preferences/hours/", hours.hours, name="hours"),
    path("preferences/hours/quiet/", hours.keep_rhythm, name="hours-quiet"),
    path("preferences/hours/recaps/", hours.keep_measure, name="hours-recaps"),
    path("preferences/hours/away/", hours.away, name="hours-away"),
    path("preferences/hours/away/<int:absence_id>/remove/", hours.back, name="hours-back"),
    path("preferences/hours/duty/", hours.on_duty, name="hours-duty"),
    path("preferences/hours/duty/<int:shift_id>/remove/", hours.off_duty, name="hours-off-duty"),
    path("preferences/hours/follow/<str:topic>/", hours.keep_following, name="hours-follow"),
    path("preferences/<str:topic>/<slug:channel>/<slug:choice>/", preferences.choose, name="choose"),
    path("outbox/", outbox.outbox, name="outbox"),
    path("outbox/gallery/", gallery.gallery, name="gallery"),
    path("outbox/gallery/<str:key>/", gallery.one_type, name="gallery-type"),
    path("outbox/gallery/<str:key>/<slug:language>/html/", gallery.html_body, name="gallery-html"),
    path("outbox/gallery/<str:key>/<slug:language>/<slug:channel>/", gallery.trial, name="gallery-trial"),
    path("outbox/undelivered/", undelivered.undelivered, name="undelivered"),
    path("outbox/undelivered/replay/", undelivered.replay_all, name="replay-all"),
    path("outbox/undelivered/<int:delivery_id>/replay/", undelivered.replay, name="replay"),
    path("outbox/<int:entry_id>/", outbox.entry, name="outbox-entry"),
    path("outbox/<int:entry_id>/html/", outbox.html_body, name="outbox-html"),
    path("unsubscribe/<str:token>/", unsubscribe.unsubscribe, name="unsubscribe"),
    path("webhooks/twilio/status/", webhooks.twilio_status, name="twilio-status"),
    path("webhooks/twilio/inbound/", webhooks.twilio_answer, name="twilio-inbound"),
    path("webhooks/mail/", webhooks.mail, name="mail-events"),
]
