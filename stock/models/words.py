"""The closed lists of the trade. Stored words are English; what feeds call them is learnt once by each feed."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Kind(models.TextChoices):
    NEW = "new", pgettext_lazy("vehicle", "New")
    USED = "used", pgettext_lazy("vehicle", "Used")
    DEMO = "demo", pgettext_lazy("vehicle", "Demonstration")


class VehicleStatus(models.TextChoices):
    """From the order to the handover. `withdrawn` left the stock without being sold."""

    ORDERED = "ordered", _("Ordered")
    IN_TRANSIT = "in_transit", _("In transit")
    PREPARATION = "preparation", _("In preparation")
    AVAILABLE = "available", pgettext_lazy("vehicle", "Available")
    RESERVED = "reserved", _("Reserved")
    SOLD = "sold", _("Sold")
    DELIVERED = "delivered", pgettext_lazy("vehicle", "Handed over")
    WITHDRAWN = "withdrawn", pgettext_lazy("vehicle", "Withdrawn")


# Stands in the yard or the workshop: has an age, costs money every day.
HERE = (VehicleStatus.PREPARATION, VehicleStatus.AVAILABLE, VehicleStatus.RESERVED)
# May be offered to a customer.
SELLABLE = (
    VehicleStatus.ORDERED,
    VehicleStatus.IN_TRANSIT,
    VehicleStatus.PREPARATION,
    VehicleStatus.AVAILABLE,
)
# No feed puts these back.
GONE = (VehicleStatus.SOLD, VehicleStatus.DELIVERED, VehicleStatus.WITHDRAWN)


class Fuel(models.TextChoices):
    PETROL = "petrol", _("Petrol")
    DIESEL = "diesel", _("Diesel")
    HYBRID = "hybrid", _("Hybrid")
    PLUGIN_HYBRID = "plugin_hybrid", _("Plug-in hybrid")
    ELECTRIC = "electric", _("Electric")
    LPG = "lpg", _("LPG")
    CNG = "cng", _("Natural gas")
    ETHANOL = "ethanol", _("Ethanol (E85)")
    HYDROGEN = "hydrogen", _("Hydrogen")
    OTHER = "other", pgettext_lazy("fuel", "Other")


class Gearbox(models.TextChoices):
    MANUAL = "manual", pgettext_lazy("gearbox", "Manual")
    AUTOMATIC = "automatic", pgettext_lazy("gearbox", "Automatic")


class Segment(models.TextChoices):
    CITY = "city", _("City car")
    COMPACT = "compact", _("Compact")
    SALOON = "saloon", _("Saloon")
    ESTATE = "estate", _("Estate")
    SUV = "suv", _("SUV")
    MPV = "mpv", _("People carrier")
    COUPE = "coupe", _("Coupé")
    CABRIOLET = "cabriolet", _("Cabriolet")
    PICKUP = "pickup", _("Pick-up")
    VAN = "van", pgettext_lazy("vehicle", "Van")
    OTHER = "other", pgettext_lazy("segment", "Other")


class VatScheme(models.TextChoices):
    """Margin cars carry « Régime particulier – Biens d'occasion » and no VAT on the invoice."""

    STANDARD = "standard", _("VAT deductible")
    MARGIN = "margin", _("Margin scheme")
