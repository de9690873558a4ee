"""A program of the API's first version, for openai 1.20.0, in the dialect that its argument names; prints JSON."""

import json
import os
import sys

import openai
from openai import AssistantEventHandler, AzureOpenAI, OpenAI

CODE = [{"type": "code_interpreter"}]
FUNCTION = [{"type": "function", "function": {"name": "get_weather", "parameters": {"type": "object"}}}]


class Listener(AssistantEventHandler):
    def __init__(self):
        super().__init__()
        self.heard = []
        self.text = ""

    def on_text_created(self, text):
        self.heard.append("text_created")

    def on_text_delta(self, delta, snapshot):
        self.text += delta.value

    def on_tool_call_created(self, tool_call):
        self.heard.append(f"{tool_call.type}_created")

    def on_tool_call_done(self, tool_call):
        if f"{tool_call.type}_done" not in self.heard:  # This SDK says it again at the end of every later step.
            self.heard.append(f"{tool_call.type}_done")

    def on_message_done(self, message):
        self.heard.append("message_done")

    def on_end(self):
        self.heard.append("end")


def make_client(dialect):
    url = os.environ["SERVER_URL"]
    if dialect == "azure":
        return AzureOpenAI(azure_endpoint=url, api_key="any", api_version="2024-02-15-preview", max_retries=0)
    return OpenAI(base_url=f"{url}/v1", api_key="any", max_retries=0)


def use_files(client):
    file = client.files.create(file=("numbers.csv", b"n\n1\n41\n"), purpose="assistants")
    assistant = client.beta.assistants.create(model="gpt-4", tools=CODE, file_ids=[file.id])
    thread = client.beta.threads.create()
    code = "!code print(open('/mnt/data/numbers.csv').read())\n!say Read"
    message = client.beta.threads.messages.create(thread.id, role="user", content=code, file_ids=[file.id])
    run = client.beta.threads.runs.create_and_poll(thread_id=thread.id, assistant_id=assistant.id)
    steps = client.beta.threads.runs.steps.list(run.id, thread_id=thread.id, order="asc").data
    answer = client.beta.threads.messages.list(thread.id).data[0]
    attached = client.beta.assistants.files.list(assistant.id).data
    sent = client.beta.threads.messages.files.list(message.id, thread_id=thread.id).data
    client.beta.assistants.files.delete(file.id, assistant_id=assistant.id)
    return {
        "assistant_files": assistant.file_ids == [file.id] == [held.id for held in attached],
        "message_files": message.file_ids == [file.id] == [held.id for held in sent],
        "left": client.beta.assistants.retrieve(assistant.id).file_ids,
        "status": run.status,
        "logs": steps[0].step_details.tool_calls[0].code_interpreter.outputs[0].logs,
        "answer": answer.content[0].text.value,
    }


def use_retrieval(client):
    assistant = client.beta.assistants.create(model="gpt-4", tools=[{"type": "retrieval"}], name="Reader")
    listed = client.beta.assistants.list(limit=1).data[0]
    deleted = client.beta.assistants.delete(assistant.id).deleted
    return {"tool": assistant.tools[0].type, "listed": listed.id == assistant.id, "deleted": deleted}


def listen(client):
    assistant = client.beta.assistants.create(model="gpt-4", tools=CODE)
    thread = client.beta.threads.create(messages=[{"role": "user", "content": "!code print(6 * 7)\n!say It is 42"}])
    listener = Listener()
    with client.beta.threads.runs.create_and_stream(
        thread_id=thread.id, assistant_id=assistant.id, event_handler=listener
    ) as stream:
        stream.until_done()
    return {"heard": listener.heard, "text": listener.text}


def call_a_function(client):
    assistant = client.beta.assistants.create(model="gpt-4", tools=FUNCTION)
    run = client.beta.threads.create_and_run_poll(
        assistant_id=assistant.id,
        thread={"messages": [{"role": "user", "content": '!call get_weather {"city": "Paris"}\n!say 18 degrees'}]},
    )
    call = run.required_action.submit_tool_outputs.tool_calls[0]
    done = client.beta.threads.runs.submit_tool_outputs_and_poll(
        run_id=run.id, thread_id=run.thread_id, tool_outputs=[{"tool_call_id": call.id, "output": "18"}]
    )
    return {"asked": call.function.arguments, "status": [run.status, done.status]}


def fail(client):
    try:
        client.beta.assistants.retrieve("asst_nobody")
    except openai.NotFoundError as error:
        return error.message


client = make_client(sys.argv[1])
uses = (use_files, use_retrieval, listen, call_a_function, fail)
print(json.dumps({use.__name__: use(client) for use in uses}))
