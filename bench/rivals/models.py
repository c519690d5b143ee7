"""One row of a lead as a beginner would store it."""

from django.db import models


class BareLead(models.Model):
    name = models.CharField(max_length=200)
    email = models.CharField(max_length=254)
    phone = models.CharField(max_length=32)
    message = models.TextField()
    vehicle = models.CharField(max_length=200)
    received_at = models.DateTimeField()

    class Meta:
        app_label = "rivals"
