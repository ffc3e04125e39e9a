"""What can go wrong, sorted by who can put it right.

FeedbackError
├── OperatorError      settings, keys, disks, databases: the data team
├── SenderError        a delivery that cannot be read at all: whoever sent the file
├── TrainerError       a model release, a label, a taxonomy: whoever trains
└── OfficerError       a step the rules of case handling do not allow: whoever handles the case

Every message says what, where, and what to do; never the customer's text. The command line prints it alone and exits 2.
A single bad row is no exception: it is a ``records.Reject``.
"""


class FeedbackError(Exception):
    """Anything a person can put right."""


class OperatorError(FeedbackError):
    """The installation or its settings are wrong."""


class SenderError(FeedbackError):
    """A whole delivery cannot be read."""


class TrainerError(FeedbackError):
    """A model release, a label or a taxonomy does not fit."""


class OfficerError(FeedbackError):
    """A step in handling a case, or an answer in a review, that the rules do not allow."""
