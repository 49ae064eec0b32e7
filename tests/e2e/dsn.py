# SPDX-License-Identifier: GPL-3.0-or-later
"""A delivery status notification as Python's own reader of mail sees it, which knows nothing of how ours is made."""
import email.message
import email.policy
from dataclasses import dataclass
from email.message import EmailMessage


@dataclass
class Report:
    head: EmailMessage
    text: str
    message: EmailMessage           # the fields about the message
    recipients: list[EmailMessage]  # those about each recipient
    original: EmailMessage | None   # all of it, or its header section alone
    whole: bool                     # all of it


def faults(message: EmailMessage) -> list[object]:
    """What the reader did not like, in MESSAGE and its fields."""
    return message.defects + [d for field in message.values() for d in getattr(field, "defects", ())]


def read(data: bytes) -> Report:
    """Take the report DATA apart. Any defect outside the original is a failure."""
    head = email.message_from_bytes(data, policy=email.policy.default)
    assert faults(head) == []
    assert head.get_content_type() == "multipart/report"
    assert head.get_param("report-type") == "delivery-status"
    parts = list(head.iter_parts())
    assert [faults(part) for part in parts] == [[]] * len(parts)
    types = [part.get_content_type() for part in parts]
    assert types[:2] == ["text/plain", "message/delivery-status"]
    assert types[2:] in ([], ["message/rfc822"], ["text/rfc822-headers"])
    message, *recipients = parts[1].get_payload()
    for block in (message, *recipients):
        assert faults(block) == [] and block.get_payload() == ""
    original, whole = None, types[2:] == ["message/rfc822"]
    if whole:
        original = parts[2].get_payload(0)
    elif types[2:]:
        original = email.message_from_bytes(parts[2].get_payload(decode=True), policy=email.policy.default)
    return Report(head, parts[0].get_content(), message, recipients, original, whole)
