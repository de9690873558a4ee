"""Rewriting a question into queries, by a model that is at hand."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from contextlib import aclosing

import anyio

from app.engine.models.catalogue import Catalogue
from app.engine.models.port import ChatRequest, SystemMessage, TextDelta, TextPart, UserMessage
from app.errors import AppError

_log = logging.getLogger(__name__)

_SECONDS = 15.0
_MOST_QUERIES = 3
_MOST_TOKENS = 200
_LONGEST_QUERY = 500
_INSTRUCTIONS = (
    "You turn what a user asks into queries for a search in documents. Answer with one to three short queries, one a "
    "line and nothing else: the key terms, spelled out, with synonyms where documents may use other words. Do not "
    "answer the question."
)


async def rewrite(models: Catalogue, queries: Sequence[str]) -> list[str]:
    """Return better queries, or the same where no model writes any in time."""
    try:
        with anyio.fail_after(_SECONDS):
            lines = (await _ask(models, "\n".join(queries))).splitlines()
    except (AppError, TimeoutError) as exc:
        _log.warning("A search query was not rewritten: %s", exc or f"no answer within {_SECONDS:.0f} s")
        return list(queries)
    found = [line.strip(" \t-*•\"'")[:_LONGEST_QUERY] for line in lines]
    return [one for one in dict.fromkeys(found) if one][:_MOST_QUERIES] or list(queries)


async def _ask(models: Catalogue, question: str) -> str:
    model = await models.stand_in()
    messages = (SystemMessage(_INSTRUCTIONS), UserMessage((TextPart(question),)))
    request = ChatRequest(model=model.info.id, messages=messages, max_tokens=_MOST_TOKENS, temperature=0.0)
    async with aclosing(model.stream(request)) as events:
        return "".join([event.text async for event in events if isinstance(event, TextDelta)])
