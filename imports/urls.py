"""Addresses under /imports/."""

from django.urls import path

from imports.views import corrections, faults, feeds, gone, mail, runs, uploads

app_name = "imports"

urlpatterns = [
    path("", feeds.feed_list, name="list"),
    path("new/", feeds.new, name="new"),
    path("upload/", uploads.upload, name="upload"),
    path("mail/", mail.come_in, name="mail"),
    path("<int:feed_id>/", feeds.feed, name="feed"),
    path("<int:feed_id>/preview/", uploads.preview, name="preview"),
    path("<int:feed_id>/drop/", uploads.drop, name="drop"),
    path("<int:feed_id>/learnt/", feeds.forget, name="learnt"),
    path("<int:feed_id>/fetch/", feeds.fetch, name="fetch"),
    path("<uuid:run_id>/", runs.run, name="run"),
    path("<uuid:run_id>/live/", runs.live, name="live"),
    path("<uuid:run_id>/cancel/", runs.cancel, name="cancel"),
    path("<uuid:run_id>/go-on/", runs.go_on, name="go-on"),
    path("<uuid:run_id>/undo/", runs.undo, name="undo"),
    path("<uuid:run_id>/fix/", faults.fix, name="fix"),
    path("<uuid:run_id>/fix-everywhere/", faults.fix_everywhere, name="fix-everywhere"),
    path("<uuid:run_id>/faults.csv", corrections.faulty, name="faulty"),
    path("<uuid:run_id>/corrected/", corrections.corrected, name="corrected"),
    path("<uuid:run_id>/gone/", gone.decide, name="gone"),
]
