"""Everything that a conversation is made of."""

from __future__ import annotations

from app.playground.drafts.message import MessageDraft
from app.playground.drafts.notice import Notice
from app.playground.drafts.step import StepDraft

Draft = MessageDraft | StepDraft | Notice
