from django.db import models
from django.utils.translation import gettext_lazy as _

from jieban.registry.models import Dated, Person, Unit


class Message(models.Model):
    """Outbox message: written with the change that causes it, sent by the worker."""

    class Channel(models.TextChoices):
        IN_APP = "in_app", _("站内")
        SMS = "sms", _("短信")

    template = models.CharField(max_length=40)
    about = models.CharField(_("单号"), max_length=24, blank=True)
    channel = models.CharField(max_length=10, choices=Channel.choices, default=Channel.IN_APP)
    # To a person, to a unit, or, both empty, to the requester of the case, who may have no account.
    person = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="messages")
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, blank=True, related_name="messages")
    queued_at = models.DateTimeField()
    delivered_at = models.DateTimeField(null=True, blank=True)
    read_at = models.DateTimeField(null=True, blank=True)

    # Text messages only: number and text, sealed; deleted as soon as it is sent.
    phone = models.BinaryField(default=b"")
    text = models.BinaryField(default=b"")
    # Set before the gateway is called. Without `delivered_at` it is unknown whether the message was sent.
    sending_at = models.DateTimeField(null=True, blank=True)
    refusals = models.PositiveSmallIntegerField(default=0)
    failed_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        indexes = [
            models.Index(fields=["id"], name="message_waiting", condition=models.Q(delivered_at=None)),
            models.Index(fields=["about"], name="message_about"),
            models.Index(
                fields=["id"],
                name="message_in_doubt",
                condition=models.Q(channel="sms", delivered_at=None) & models.Q(settled_by=None),
            ),
            models.Index(fields=["person", "-id"], name="message_of_person"),
            models.Index(fields=["unit", "-id"], name="message_of_unit"),
            models.Index(fields=["person"], name="message_unread", condition=models.Q(read_at=None)),
            models.Index(fields=["unit"], name="message_unit_unread", condition=models.Q(read_at=None)),
        ]


class MessageWording(Dated):
    """Dated text of a text message, by the code of its type, recipient and language."""

    code = models.CharField(max_length=40)
    recipient = models.CharField(max_length=10)
    language = models.CharField(max_length=10)
    text = models.CharField(max_length=300)
    source = models.CharField(max_length=300)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["code", "recipient", "language", "valid_from"], name="message_wording_once"
            )
        ]


class PhoneCode(models.Model):
    """Verification code last sent to a phone number; only its digest is stored."""

    phone_index = models.BinaryField(max_length=16, unique=True)
    digest = models.BinaryField(max_length=32)
    sent_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    used_at = models.DateTimeField(null=True, blank=True)
