"""Intake: whatever a bank's systems export, as a stream of ``RawFeedback`` and ``Reject``."""

from feedback_nlp.intake.delivery import Delivery, open_delivery
from feedback_nlp.intake.query import open_query
from feedback_nlp.intake.source import Source

__all__ = ["Delivery", "Source", "open_delivery", "open_query"]
