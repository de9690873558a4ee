"""A stand-in for the model's process: speaks serve.py's protocol and answers completions from a script.

    python stand_in.py SCRIPT LOG

SCRIPT is a JSON list of replies, taken in order across restarts: {"text": …, "cause": …}, {"status": …, "message": …},
{"error": …} in mid-stream, {"die": true}, {"hang": true}. LOG receives one JSON line for each request.
`{"start": "silent"}`, `{"start": "error"}` or `{"start": "no template"}` as the first reply spoils the start.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


class Handler(BaseHTTPRequestHandler):
    script: Path
    log: Path
    key: str
    refuses_templates: bool

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        with self.log.open("a") as file:
            file.write(json.dumps(body) + "\n")
        if self.headers["authorization"] != f"Bearer {self.key}":
            self._refuse(401, "wrong key")
            return
        if self.path == "/apply-template":
            self._apply_template(body["messages"])
            return
        reply = take(self.script)
        if self.path == "/v1/chat/completions":
            self._chat(str(reply["text"]))
            return
        if "status" in reply:
            self._refuse(int(str(reply["status"])), str(reply["message"]))
        else:
            self._stream(reply)

    def _chat(self, text: str) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.end_headers()
        for delta, reason in (({"content": text}, None), ({}, "stop")):
            self._event({"choices": [{"index": 0, "delta": delta, "finish_reason": reason}]})
        self.wfile.write(b"data: [DONE]\n\n")

    def _apply_template(self, messages: list[dict[str, str]]) -> None:
        if self.refuses_templates:
            self._refuse(400, "roles must alternate")
            return
        self.send_response(200)
        self.end_headers()
        prompt = "".join(f"[{message['role']}] {message['content']} " for message in messages)
        self.wfile.write(json.dumps({"prompt": f"{prompt}[assistant] "}).encode())

    def _refuse(self, status: int, message: str) -> None:
        self.send_response(status)
        self.end_headers()
        self.wfile.write(json.dumps({"error": {"message": message}}).encode())

    def _stream(self, reply: dict[str, object]) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.end_headers()
        text = str(reply.get("text", ""))
        for start in range(0, len(text), 5):
            self._event({"content": text[start : start + 5], "stop": False})
        if reply.get("die"):
            os._exit(9)
        if reply.get("hang"):
            threading.Event().wait(60)
        if "error" in reply:
            self.wfile.write(b'error: {"message": "' + str(reply["error"]).encode() + b'"}\n\n')
            return
        end = {"stop": True, "stop_type": reply.get("cause", "eos"), "tokens_evaluated": 7, "tokens_predicted": 3}
        self._event({"content": "", **end})

    def _event(self, event: dict[str, object]) -> None:
        self.wfile.write(b"data: " + json.dumps(event).encode() + b"\n\n")
        self.wfile.flush()

    def log_message(self, *_: object) -> None:
        return


def take(script: Path) -> dict[str, object]:
    replies = json.loads(script.read_text())
    script.write_text(json.dumps(replies[1:]))
    return dict(replies[0])


def say(**line: str) -> None:
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


def main() -> None:
    Handler.script, Handler.log = Path(sys.argv[1]), Path(sys.argv[2])
    Handler.key = sys.stdin.readline().strip()
    replies = json.loads(Handler.script.read_text())
    spoiled = replies[0].get("start") if replies else None
    if spoiled:
        take(Handler.script)
    Handler.refuses_templates = spoiled == "no template"
    if spoiled == "silent":
        sys.stdin.read()
        return
    if spoiled == "error":
        say(error="the file is broken")
        return
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    say(url=f"http://127.0.0.1:{server.server_port}")
    sys.stdin.read()
    os._exit(0)


if __name__ == "__main__":
    main()
