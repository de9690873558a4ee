"""Everything that a conversation is made of."""

from __future__ import annotations

from app.playground.drafts.message import MessageDraft
from app.playground.drafts.notice import Notice
from app.playground.drafts.run_end import RunEnd
from app.playground.drafts.step import StepDraft
from app.playground.drafts.waiting_run import WaitingRun

Draft = MessageDraft | StepDraft | Notice | WaitingRun | RunEnd
