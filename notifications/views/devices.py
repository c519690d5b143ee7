"""« My devices »: where push messages arrive. Agreeing needs the browser itself, so that part is the API's."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from core import clock
from notifications import push_devices
from notifications.channels.base import DeliveryError
from notifications.models import PushSubscription
from notifications.push_devices import UnknownDevice
from sites.http import MemberRequest, member_required


@require_safe
@member_required()
def devices(request: MemberRequest) -> HttpResponse:
    """The person's own devices, and the way to add this one."""
    mine = push_devices.devices_of(request.member.user)
    context = {
        "devices": [_line(device) for device in mine],
        "push_is_ready": bool(push_devices.public_key()),
    }
    return render(request, "notifications/devices.html", context)


@require_POST
@member_required()
def remove(request: MemberRequest, device_id: int) -> HttpResponse:
    """Stop pushing to one device."""
    try:
        push_devices.remove_device(user=request.member.user, device_id=device_id)
    except UnknownDevice:
        raise Http404 from None
    messages.success(request, _("The device was removed."))
    return redirect("notifications:devices")


@require_POST
@member_required()
def test(request: MemberRequest, device_id: int) -> HttpResponse:
    """Send a test message and say plainly whether the push service took it."""
    try:
        push_devices.send_test_message(user=request.member.user, device_id=device_id, at=clock.now())
    except UnknownDevice:
        raise Http404 from None
    except DeliveryError as error:
        messages.error(request, _why(error))
    else:
        messages.success(request, _("The test message is on its way."))
    return redirect("notifications:devices")


def _why(error: DeliveryError) -> str:
    if error.gone:
        return _("This device no longer accepts messages and was removed. Activate it again there.")
    if error.permanent:
        return _("The push service refused the message. Remove the device and activate it again.")
    return _("The push service cannot be reached now. Try again in a moment.")


def _line(device: PushSubscription) -> dict[str, object]:
    return {"device": device, "fingerprint": push_devices.fingerprint(device.endpoint)}
