from __future__ import annotations

import io
import time
from typing import Any

import openai
import pytest
from openai import AssistantEventHandler, AzureOpenAI, OpenAI
from openai.types.beta.threads import Message, Text, TextDelta
from typing_extensions import override

MODEL = "gpt-4-1106-preview"
CODE: Any = [{"type": "code_interpreter"}]
PLOT = "!code import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()\n!say Here it is"
FILE = "!code open('/mnt/data/out.csv', 'w').write('a,b')\n!say See [the table](sandbox:/mnt/data/out.csv)."


class Listener(AssistantEventHandler):
    def __init__(self) -> None:
        super().__init__()
        self.text = ""
        self.names: list[str] = []

    @override
    def on_event(self, event: Any) -> None:
        self.names.append(event.event)

    @override
    def on_text_delta(self, delta: TextDelta, snapshot: Text) -> None:
        self.text += delta.value or ""


def ask(client: OpenAI, text: str, tools: Any = None) -> tuple[str, list[Message]]:
    assistant = client.beta.assistants.create(model=MODEL, tools=tools or [])
    thread = client.beta.threads.create(messages=[{"role": "user", "content": text}])
    run = client.beta.threads.runs.create_and_poll(thread_id=thread.id, assistant_id=assistant.id)
    return run.status, client.beta.threads.messages.list(thread.id, order="asc").data


def value_of(message: Message) -> str:
    return "".join(part.text.value for part in message.content if part.type == "text")


def test_the_polling_helper_ends_with_the_answer(client: OpenAI) -> None:
    status, messages = ask(client, "!say Hello **there**")
    assert status == "completed"
    assert value_of(messages[-1]) == "Hello **there**"


def test_the_same_program_works_in_azures_dialect(azure: AzureOpenAI) -> None:
    status, messages = ask(azure, "!say Hello")
    assert (status, value_of(messages[-1])) == ("completed", "Hello")


def test_the_streaming_helper_sees_every_piece(client: OpenAI) -> None:
    assistant = client.beta.assistants.create(model=MODEL)
    thread = client.beta.threads.create(messages=[{"role": "user", "content": "!say One two three"}])
    listener = Listener()
    with client.beta.threads.runs.stream(
        thread_id=thread.id, assistant_id=assistant.id, event_handler=listener
    ) as stream:
        stream.until_done()
        final = stream.get_final_messages()
    assert listener.text == value_of(final[0]) == "One two three"
    assert listener.names[0] == "thread.run.created"
    assert listener.names[-1] == "thread.run.completed"


def test_create_thread_and_run_streams_the_thread_first(client: OpenAI) -> None:
    assistant = client.beta.assistants.create(model=MODEL)
    events = client.beta.threads.create_and_run(
        assistant_id=assistant.id, thread={"messages": [{"role": "user", "content": "Hi"}]}, stream=True
    )
    assert next(iter(events)).event == "thread.created"


def test_a_plot_is_an_image_in_the_message_that_can_be_downloaded(azure: AzureOpenAI) -> None:
    status, messages = ask(azure, PLOT, CODE)
    image, text = messages[-1].content
    assert status == "completed"
    assert image.type == "image_file"
    assert text.type == "text"
    assert azure.files.content(image.image_file.file_id).read().startswith(b"\x89PNG\r\n")
    described = azure.files.retrieve(image.image_file.file_id)
    assert described.purpose == "assistants_output"
    assert "/" not in described.filename


def test_a_written_file_becomes_a_file_path_annotation(client: OpenAI) -> None:
    status, messages = ask(client, FILE, CODE)
    (part,) = messages[-1].content
    assert part.type == "text"
    (annotation,) = part.text.annotations
    assert status == "completed"
    assert annotation.type == "file_path"
    assert part.text.value[annotation.start_index : annotation.end_index] == annotation.text
    assert client.files.content(annotation.file_path.file_id or "").read() == b"a,b"


def test_an_attached_file_lies_in_the_code_interpreters_folder(client: OpenAI) -> None:
    uploaded = client.files.create(file=("numbers.csv", io.BytesIO(b"n\n1\n41\n")), purpose="assistants")
    assistant = client.beta.assistants.create(model=MODEL, tools=CODE)
    code = "!code import pandas as pd\nprint(pd.read_csv('/mnt/data/numbers.csv').n.sum())\n!say Done"
    thread = client.beta.threads.create(
        messages=[{"role": "user", "content": code, "attachments": [{"file_id": uploaded.id, "tools": CODE}]}]
    )
    run = client.beta.threads.runs.create_and_poll(thread_id=thread.id, assistant_id=assistant.id)
    (step, _message) = client.beta.threads.runs.steps.list(run.id, thread_id=thread.id, order="asc").data
    assert step.step_details.type == "tool_calls"
    (call,) = step.step_details.tool_calls
    assert call.type == "code_interpreter"
    (output,) = call.code_interpreter.outputs
    assert output.type == "logs"
    assert output.logs.strip() == "42"


def test_variables_live_on_in_the_threads_next_run(client: OpenAI) -> None:
    assistant = client.beta.assistants.create(model=MODEL, tools=CODE)
    thread = client.beta.threads.create(messages=[{"role": "user", "content": "!code answer = 42\n!say Kept"}])
    client.beta.threads.runs.create_and_poll(thread_id=thread.id, assistant_id=assistant.id)
    client.beta.threads.messages.create(thread.id, role="user", content="!code print(answer)\n!say Shown")
    run = client.beta.threads.runs.create_and_poll(thread_id=thread.id, assistant_id=assistant.id)
    step = client.beta.threads.runs.steps.list(run.id, thread_id=thread.id, order="asc").data[0]
    assert "42" in step.model_dump_json()


def test_a_function_is_called_and_answered_over_a_stream(client: OpenAI) -> None:
    tools: Any = [{"type": "function", "function": {"name": "get_weather", "parameters": {"type": "object"}}}]
    assistant = client.beta.assistants.create(model=MODEL, tools=tools)
    thread = client.beta.threads.create(
        messages=[{"role": "user", "content": '!call get_weather {"city": "Paris"}\n!say 18 degrees'}]
    )
    run = client.beta.threads.runs.create_and_poll(thread_id=thread.id, assistant_id=assistant.id)
    assert run.required_action is not None
    (call,) = run.required_action.submit_tool_outputs.tool_calls
    with client.beta.threads.runs.submit_tool_outputs_stream(
        run_id=run.id, thread_id=thread.id, tool_outputs=[{"tool_call_id": call.id, "output": "18"}]
    ) as stream:
        names = [event.event for event in stream]
    assert names[0] == "thread.run.step.completed"
    assert names[-1] == "thread.run.completed"


def test_a_run_goes_on_when_the_client_hangs_up(client: OpenAI) -> None:
    assistant = client.beta.assistants.create(model=MODEL)
    thread = client.beta.threads.create(messages=[{"role": "user", "content": "!slow 0.05\n!say a b c d e f g h"}])
    stream = client.beta.threads.runs.create(thread_id=thread.id, assistant_id=assistant.id, stream=True)
    event = next(iter(stream))
    stream.close()
    assert event.event == "thread.run.created"
    run = client.beta.threads.runs.poll(event.data.id, thread_id=thread.id)
    assert run.status == "completed"


def test_a_run_is_cancelled_while_it_streams(client: OpenAI) -> None:
    assistant = client.beta.assistants.create(model=MODEL)
    thread = client.beta.threads.create(messages=[{"role": "user", "content": "!slow 0.2\n!say a b c d e f g h i"}])
    run = client.beta.threads.runs.create(thread_id=thread.id, assistant_id=assistant.id)
    time.sleep(0.3)
    client.beta.threads.runs.cancel(run.id, thread_id=thread.id)
    assert client.beta.threads.runs.poll(run.id, thread_id=thread.id).status == "cancelled"


def test_a_model_that_fails_makes_the_run_failed(client: OpenAI) -> None:
    assistant = client.beta.assistants.create(model=MODEL)
    thread = client.beta.threads.create(messages=[{"role": "user", "content": "!fail 500"}])
    run = client.beta.threads.runs.create_and_poll(thread_id=thread.id, assistant_id=assistant.id)
    assert run.status == "failed"
    assert run.last_error is not None
    assert run.last_error.code == "server_error"
    assert "fails on demand" in run.last_error.message


def test_lists_page_through_by_cursor(client: OpenAI) -> None:
    thread = client.beta.threads.create()
    made = [client.beta.threads.messages.create(thread.id, role="user", content=f"{n}").id for n in range(5)]
    assert [message.id for message in client.beta.threads.messages.list(thread.id, order="asc", limit=2)] == made
    newest = client.beta.threads.messages.list(thread.id, limit=2)
    assert [message.id for message in newest.data] == [made[4], made[3]]


@pytest.mark.parametrize(
    ("kind", "text"), [("assistants", "No assistant found with id 'x'."), ("threads", "No thread found with id 'x'.")]
)
def test_unknown_ids_are_404_in_the_hosted_words(client: OpenAI, kind: str, text: str) -> None:
    with pytest.raises(openai.NotFoundError) as caught:
        getattr(client.beta, kind).retrieve("x")
    assert text in caught.value.message


def test_a_large_upload_arrives_whole(client: OpenAI) -> None:
    content = bytes(range(256)) * 4096 * 8
    uploaded = client.files.create(file=("large.bin", content), purpose="assistants")
    assert uploaded.bytes == len(content)
    assert client.files.content(uploaded.id).read() == content
    assert client.files.delete(uploaded.id).deleted
