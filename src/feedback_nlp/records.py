"""The nouns of the trade, in the order a complaint meets them.

``RawFeedback`` or ``Reject`` → ``Feedback`` → ``Prediction`` → ``Triage`` → ``Theme`` → ``ImprovementItem``.
A case, one matter however often it is brought up, is no record here but a row of the store, see ``store.tables``.
Raw text ends where ``Feedback`` begins: from there on every text is a ``MaskedText``, which only ``text.mask`` makes.
All times are naive and mean Asia/Shanghai.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NewType

MaskedText = NewType("MaskedText", str)
"""Text in which personal data has been replaced by the frozen placeholders."""


@dataclass(frozen=True, slots=True)
class RawFeedback:
    """One row as it was delivered. The only record that may hold personal data: never stored, logged or printed."""

    source: str  # the feed's stable name, e.g. "ledger"; part of the identity of a record
    source_kind: str  # ledger, hotline, letter, survey, app_review, social, other
    file: str  # file name without folders
    row: int  # 1-based, as the sender counts it: the header is a row too
    text: str = field(repr=False)
    source_id: str | None = None  # the sender's id of this record (工单号)
    received_at: datetime | None = None  # 受理日期
    occurred_at: datetime | None = None
    due_at: datetime | None = None  # 办结期限
    closed_at: datetime | None = None  # 办结日期
    complaint_channel: str | None = None  # 投诉渠道: how the complaint arrived
    service_channel: str | None = None  # 办理渠道: where the service took place
    org: str | None = None  # the branch complained about, as named by the bank
    product: str | None = None
    status: str | None = None  # as written in the source: 处理中, 已办结 …
    rating: float | None = None  # as given: stars 1–5, NPS 0–10 …
    request: str | None = field(default=None, repr=False)  # 投诉请求, free text
    reply: str | None = field(default=None, repr=False)  # 处理结果, free text
    identifiers: tuple[tuple[str, str], ...] = field(default=(), repr=False)  # (type, raw value) of customer columns
    extra: Mapping[str, str] = field(default_factory=dict, repr=False)  # every other column: header → value


@dataclass(frozen=True, slots=True)
class Reject:
    """One row that could not become feedback, with what its sender needs to put it right."""

    file: str
    row: int  # 1-based, as the sender counts it
    column: str | None  # the header of the offending column, where there is one
    reason: str  # a sentence in Chinese; never the customer's text


@dataclass(frozen=True, slots=True)
class Identifier:
    """A personal identifier that survives only as a keyed hash: equal hashes mean equal identifiers."""

    type: str  # placeholder name without brackets: 手机号, 身份证 …; 客户号 for the bank's own customer number
    hmac: str  # HMAC-SHA256 under the installation's key, 32 hex digits
    column: bool = False  # from a customer column: says who wrote. From a text it may be anybody's


@dataclass(frozen=True, slots=True)
class Feedback:
    """One prepared record: cleaned, masked, identified."""

    id: str  # stable hash of source and source id, see ``text.identity``
    source: str
    source_kind: str
    source_id: str | None
    text: MaskedText
    content: str  # hash of everything delivered: a redelivered record has the same, an update another
    flags: tuple[str, ...] = ()  # garbled, boilerplate, uninformative, traditional …
    received_at: datetime | None = None
    occurred_at: datetime | None = None
    due_at: datetime | None = None
    closed_at: datetime | None = None
    complaint_channel: str | None = None
    service_channel: str | None = None
    org: str | None = None
    product: str | None = None
    status: str | None = None
    rating: float | None = None
    request: MaskedText | None = None
    reply: MaskedText | None = None
    identifiers: tuple[Identifier, ...] = ()
    extra: Mapping[str, MaskedText] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Label:
    """One label of the taxonomy with its probability."""

    id: str
    score: float  # calibrated, 0 to 1


@dataclass(frozen=True, slots=True)
class Evidence:
    """The clause that speaks most for a label."""

    label: str  # "facet:id", e.g. "leaves:pricing.fee"
    clause: MaskedText


@dataclass(frozen=True, slots=True)
class Prediction:
    """What a release reads in one text."""

    kind: Label
    business: Label
    touchpoint: Label
    sentiment: Label
    leaves: tuple[Label, ...]  # one to three, most important first
    demand: tuple[Label, ...]  # none to three
    confidence: float  # calibrated, 0 to 1: how likely business and first leaf are both right
    review: bool  # a person should look
    evidence: tuple[Evidence, ...]
    release: str  # name of the model release


@dataclass(frozen=True, slots=True)
class Part:
    """One named contribution to a score."""

    name: str
    value: float  # 0 to 1
    weight: float  # all weights of a policy add up to 1
    reason: str  # in Chinese, "" where the part contributes nothing


@dataclass(frozen=True, slots=True)
class Triage:
    """How urgent a case is, and why."""

    case_id: str
    score: float  # 0 to 100
    parts: tuple[Part, ...]
    floor: str | None  # the rule that lifted the score, in Chinese
    policy: str  # version of the policy that scored


@dataclass(frozen=True, slots=True)
class Theme:
    """All cases about one business and one reason in one period."""

    id: str  # "business/leaf"
    events: int  # pieces of feedback
    cases: int  # matters
    customers: int
    negative: int  # events with negative sentiment
    previous: int  # cases in the period before


@dataclass(frozen=True, slots=True)
class ImprovementItem:
    """One thing the bank should repair, opened because a theme asks for it."""

    id: str
    theme: str
    title: str  # in Chinese
    owner: str  # role, from policy/routing.toml
    opened_on: date
    analysis_due_on: date  # three calendar months after opening
    status: str  # plan, do, check, act, closed
    cases: int  # cases behind it when last counted
    reason: str  # why it was opened, in Chinese
