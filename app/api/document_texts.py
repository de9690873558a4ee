"""The words and examples of the OpenAPI document."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

DESCRIPTION: Final = """The Assistants API over any Chat Completions model, in the dialects of OpenAI and Azure.

- **OpenAI**: `/v1/…` and `/openai/v1/…`, with `Authorization: Bearer KEY`.
- **Azure**: `/openai/…?api-version=…`, with `api-key: KEY`; `model` is a deployment's name. Versions before 2024-05
  speak the API's first shape (`file_ids`, `retrieval`), as `OpenAI-Beta: assistants=v1` does in OpenAI's dialect.

Without the setting `PLAYGROUND_API_KEYS` every key is accepted. What the hosted services did not have is marked
`x-extension`."""

TAGS: Final = {
    "Assistants": "A model with instructions, tools and files.",
    "Threads": "Conversations, to which messages are added.",
    "Messages": "What users and assistants said: text, images and files.",
    "Runs": "An assistant's work on a thread; its answer can be streamed.",
    "Run steps": "What a run did: the messages it wrote and the tools it called.",
    "Files": "Files for the code interpreter, and those that it made.",
    "Vector stores": "Files that the assistant can search, and their batches.",
    "Models": "The models on offer, from every provider.",
    "Files of v1": "Files of assistants and messages, in the API's first shape only.",
    "Limits": "What the caller may take of the server, and takes now.",
}

PARAMETERS: Final = {
    "limit": "How many objects a page holds at most.",
    "order": "By time of creation: `asc` oldest first, `desc` newest first.",
    "after": "The id of the object behind which the page begins.",
    "before": "The id of the object in front of which the page ends.",
    "filter": "Only files of this status.",
    "include[]": "What else to show, such as `step_details.tool_calls[*].file_search.results[*].content`.",
    "query": "Only threads of this id, or with a message that holds this text.",
    "has_messages": "Only threads that hold a message.",
    "run_id": "The run's id; in a list of messages, only those of this run.",
    "store_id": "The vector store's id.",
    "purpose": "Only files of this purpose.",
    "model": "The model's id, which may hold slashes.",
}

STREAM: Final = """event: thread.run.created
data: {"id": "run_abc123", "object": "thread.run", "status": "queued", "thread_id": "thread_abc123"}

event: thread.message.delta
data: {"id": "msg_abc123", "object": "thread.message.delta", "delta": {"content": [{"index": 0, "type": "text"}]}}

event: done
data: [DONE]

"""

_QUESTION: Final = "I need to solve the equation `3x + 11 = 14`. Can you help me?"
_MESSAGE: Final = {"role": "user", "content": _QUESTION}

EXAMPLES: Final[Mapping[str, Mapping[str, Any]]] = {
    "CreateAssistant": {
        "model": "gpt-4-1106-preview",
        "name": "Math Assist",
        "instructions": "You are an AI assistant that can write code to help answer math questions.",
        "tools": [{"type": "code_interpreter"}],
    },
    "CreateThread": {"messages": [_MESSAGE], "metadata": {"user": "jane"}},
    "CreateMessage": _MESSAGE,
    "CreateRun": {
        "assistant_id": "asst_abc123",
        "additional_instructions": "Address the user as Jane.",
        "stream": True,
    },
    "CreateThreadAndRun": {"assistant_id": "asst_abc123", "thread": {"messages": [_MESSAGE]}},
    "SubmitToolOutputs": {"tool_outputs": [{"tool_call_id": "call_abc123", "output": '{"celsius": 18}'}]},
    "ModifyThread": {"metadata": {"user": "jane"}},
    "ModifyMessage": {"metadata": {"read": "true"}},
    "ModifySharing": {"is_shared": True},
    "ForkThread": {"message_id": "msg_abc123"},
    "ModifyRun": {"metadata": {"user": "jane"}},
    "ModifyAssistant": {"name": "Math Assist", "temperature": 0.2},
}
