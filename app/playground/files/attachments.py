"""Files in the composer: uploaded at once, sent with the message as attachments or as images."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Annotated, cast, get_args

from fastapi import APIRouter, Depends, Form, Response
from fastapi.responses import HTMLResponse

from app.errors import InvalidRequest, NotFound
from app.playground.deps import PlaygroundDep, SessionDep
from app.playground.failures import PageRoute
from app.playground.files.file_facts import present
from app.playground.files.file_uses import Abilities, Use, use_label, uses_of
from app.playground.files.uploads import ArrivalDep, UploadRoute
from app.playground.views.files import AttachmentView, UseOption

if TYPE_CHECKING:
    from collections.abc import Mapping

    from app.connections.types import Attachment, MessagePart
    from app.playground.files.file_facts import FileFacts
    from app.playground.playground import Playground
    from app.playground.session import Session

uploads_router = APIRouter(route_class=UploadRoute, include_in_schema=False, prefix="/chats/{chat_id}/attachments")
router = APIRouter(route_class=PageRoute, include_in_schema=False, prefix="/chats/{chat_id}/attachments")


class Attachments:
    """The files of a message as the composer's form sends them: ids, and what each is for."""

    def __init__(
        self,
        attachment: Annotated[list[str], Form(default_factory=list)],
        attachment_use: Annotated[list[str], Form(default_factory=list)],
    ) -> None:
        if len(attachment) != len(attachment_use) or not set(attachment_use) <= set(get_args(Use)):
            raise InvalidRequest("The attached files do not say what they are for. Reload the page.")
        self.uses = {file_id: cast("Use", use) for file_id, use in zip(attachment, attachment_use, strict=True)}

    def content(self, text: str) -> str | list[MessagePart]:
        """Return the message's content: its text, and the images that the model is to see."""
        images = [file_id for file_id, use in self.uses.items() if use == "image"]
        if not images:
            return text
        parts: list[MessagePart] = [{"type": "text", "text": text}] if text else []
        parts += [{"type": "image_file", "image_file": {"file_id": file_id}} for file_id in images]
        return parts

    def for_tools(self) -> list[Attachment]:
        """Return the files for tools as the API takes them."""
        given = ((file_id, use) for file_id, use in self.uses.items() if use != "image")
        return [cast("Attachment", {"file_id": file_id, "tools": [{"type": use}]}) for file_id, use in given]


AttachmentsDep = Annotated[Attachments, Depends()]


@uploads_router.post("")
async def upload_attachment(arrival: ArrivalDep, session: SessionDep, playground: PlaygroundDep) -> HTMLResponse:
    """Store a file for the next message, and show it in the composer."""
    uses = uses_of(arrival.name, abilities(session))
    file = await arrival.store(session, "vision" if uses[0] == "image" else "assistants")
    view = attachment_view(session, file, uses[0])
    await playground.services.waiting_files.add(session.chat.id, file.id, view.chosen)
    place = ("#attachment-list", "beforeend", "parts/chat/attachment.html")
    return HTMLResponse(playground.renderer.partials([place], attachment=view, chat_id=session.chat.id))


@router.patch("")
async def choose_uses(session: SessionDep, playground: PlaygroundDep, attachments: AttachmentsDep) -> Response:
    """Keep what the files in the composer are for."""
    await playground.services.waiting_files.choose(session.chat.id, attachments.uses)
    return Response(status_code=204)


@router.delete("/{file_id}")
async def drop_attachment(file_id: str, session: SessionDep, playground: PlaygroundDep) -> Response:
    """Delete a file that was uploaded for a message and is not wanted any more."""
    with suppress(NotFound), session.calls():
        await session.client.files.delete(file_id)
    await playground.services.waiting_files.forget(session.chat.id, [file_id])
    return HTMLResponse("")


async def waiting_attachments(playground: Playground, session: Session) -> list[AttachmentView]:
    """Return the files that wait in the session's composer; those that were deleted meanwhile are forgotten."""
    return await _still_there(playground, session, await playground.services.waiting_files.of_chat(session.chat.id))


async def without_deleted(
    playground: Playground, session: Session, attachments: Attachments
) -> tuple[list[AttachmentView], list[str]]:
    """Return what is left of a message's files, and the names of those that were deleted meanwhile."""
    left = await _still_there(playground, session, attachments.uses)
    known, there = session.conversation.files, {view.file.id for view in left}
    gone = [file_id for file_id in attachments.uses if file_id not in there]
    return left, [known[file_id].name if file_id in known else file_id for file_id in gone]


async def _still_there(playground: Playground, session: Session, uses: Mapping[str, str]) -> list[AttachmentView]:
    files = await present(session, uses)
    await playground.services.waiting_files.forget(session.chat.id, uses.keys() - {file.id for file in files})
    return [attachment_view(session, file, cast("Use", uses[file.id])) for file in files]


def attachment_view(session: Session, file: FileFacts, chosen: Use) -> AttachmentView:
    """Return a file as it waits in the composer."""
    able = abilities(session)
    uses = tuple(UseOption(use, use_label(use, able)) for use in uses_of(file.name, able))
    return AttachmentView(file, uses, chosen)


def abilities(session: Session) -> Abilities:
    """Return what the chosen assistant can do with files."""
    return session.conversation.abilities.get(session.chat.assistant_id or "", Abilities())
