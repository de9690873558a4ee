"""A hosted service's Responses and Chat Completions APIs, without streams, files and vector stores: a double by script.

It remembers every body. Where functions are on offer and the last input is not their output, the first one is called;
otherwise the answer repeats what was said last.
"""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI, Request

Json = dict[str, Any]


class HostedService:
    """The application, and what it was asked."""

    def __init__(self) -> None:
        self.responses: list[Json] = []
        self.completions: list[Json] = []
        self.files: list[tuple[str, bytes]] = []
        self.stores: list[Json] = []
        self.app = FastAPI()
        self.app.post("/v1/responses")(self._respond)
        self.app.post("/v1/chat/completions")(self._complete)
        self.app.post("/v1/files")(self._upload)
        self.app.post("/v1/vector_stores")(self._make_store)
        self.app.get("/v1/vector_stores/{store_id}")(self._get_store)

    async def _respond(self, request: Request) -> Json:
        body = await request.json()
        self.responses.append(body)
        last = body["input"][-1]
        function = _function(body)
        if function is not None and last.get("type") != "function_call_output":
            call = {"type": "function_call", "id": "fc_1", "call_id": "call_1", "name": function["name"]}
            output = [{**call, "arguments": '{"city": "Paris"}', "status": "completed"}]
        else:
            text = str(last.get("output") or last["content"])
            part = {"type": "output_text", "text": f"Answer: {text}", "annotations": []}
            said = {"id": "msg_1", "role": "assistant", "status": "completed", "content": [part]}
            output = [{"type": "message", **said}]
        return {
            "id": f"resp_{len(self.responses)}",
            "object": "response",
            "created_at": 0,
            "model": body["model"],
            "status": "completed",
            "output": output,
            "parallel_tool_calls": True,
            "tool_choice": "auto",
            "tools": [],
        }

    async def _complete(self, request: Request) -> Json:
        body = await request.json()
        self.completions.append(body)
        last = body["messages"][-1]
        if body.get("tools") and last["role"] != "tool":
            function = {"name": body["tools"][0]["function"]["name"], "arguments": '{"city": "Paris"}'}
            call = {"id": "call_1", "type": "function", "function": function}
            message: Json = {"role": "assistant", "content": None, "tool_calls": [call]}
        else:
            message = {"role": "assistant", "content": f"Answer: {last['content']}"}
        choice = {"index": 0, "message": message, "finish_reason": "stop"}
        return {"id": "chat_1", "object": "chat.completion", "created": 0, "model": body["model"], "choices": [choice]}

    async def _upload(self, request: Request) -> Json:
        async with request.form() as form:
            file = form["file"]
            assert not isinstance(file, str)
            self.files.append((str(file.filename), await file.read()))
            purpose = str(form["purpose"])
        name, content = self.files[-1]
        described = {
            "bytes": len(content),
            "created_at": 0,
            "filename": name,
            "purpose": purpose,
            "status": "processed",
        }
        return {"id": f"file-{len(self.files)}", "object": "file", **described}

    async def _make_store(self, request: Request) -> Json:
        self.stores.append(await request.json())
        return await self._get_store(f"vs_{len(self.stores)}")

    async def _get_store(self, store_id: str) -> Json:
        counts = {"in_progress": 0, "completed": 1, "failed": 0, "cancelled": 0, "total": 1}
        return {"id": store_id, "object": "vector_store", "created_at": 0, "name": "", "file_counts": counts}


def _function(body: Json) -> Json | None:
    tools: list[Json] = body.get("tools") or []
    return next((tool for tool in tools if tool["type"] == "function"), None)
