"""Reading a thread while it changes: what came in meanwhile is newer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.connections.types import Message, Run
from app.playground.chat.conversation import Conversation
from app.playground.chat.transcript import Moment
from app.playground.drafts.message import message_draft

if TYPE_CHECKING:
    from app.playground.drafts.draft import Draft


def message(message_id: str, status: str = "completed") -> Draft:
    content: list[object] = []
    return message_draft(
        Message.construct(
            None,
            id=message_id,
            role="user",
            assistant_id=None,
            run_id=None,
            created_at=1,
            status=status,
            content=content,
        )
    )


def test_a_message_that_was_completed_while_the_list_was_fetched_stays_completed() -> None:
    conversation = Conversation()
    conversation.put(message("msg_1", "in_progress"))
    moment = Moment(conversation)
    done, added = message("msg_1"), message("msg_2")
    conversation.put(done)
    conversation.put(added)
    assert moment.newer_drafts([message("msg_0"), message("msg_1", "in_progress")])[1:] == [done, added]


def test_a_run_that_ended_while_the_list_was_fetched_stays_ended() -> None:
    conversation = Conversation()
    stale = Run.construct(None, id="run_1", status="in_progress")
    conversation.set_run(stale)
    moment = Moment(conversation)
    conversation.set_run(Run.construct(None, id="run_1", status="completed"))
    assert [run.status for run in moment.newer_runs([stale])] == ["completed"]
