// A program of our own for openai's npm package: the events of its stream helper, over code and a function; prints JSON.
import OpenAI from "openai";

const client = new OpenAI({ baseURL: `${process.env.SERVER_URL}/v1`, apiKey: "any", maxRetries: 0 });
const heard = [];
let text = "";
let code = "";

function listen(stream) {
  const events = [
    "messageCreated", "messageDone", "runStepCreated", "runStepDone", "toolCallCreated", "toolCallDone", "textCreated",
    "textDone", "imageFileDone", "end",
  ];
  for (const event of events) {
    stream.on(event, () => heard.push(event));
  }
  stream.on("textDelta", (delta) => (text += delta.value));
  stream.on("toolCallDelta", (delta) => (code += delta.code_interpreter?.input ?? ""));
  return stream;
}

const script = "!code import matplotlib.pyplot as plt; plt.plot([1, 2]); plt.show()\n!say Here it is";
const assistant = await client.beta.assistants.create({ model: "gpt-4", tools: [{ type: "code_interpreter" }] });
const run = await listen(
  client.beta.threads.createAndRunStream({
    assistant_id: assistant.id,
    thread: { messages: [{ role: "user", content: script }] },
  }),
).finalRun();

const tools = [{ type: "function", function: { name: "get_weather", parameters: { type: "object" } } }];
const caller = await client.beta.assistants.create({ model: "gpt-4", tools });
const waiting = await client.beta.threads.createAndRunPoll(
  {
    assistant_id: caller.id,
    thread: { messages: [{ role: "user", content: '!call get_weather {"city": "Paris"}\n!say 18 degrees' }] },
  },
  { pollIntervalMs: 50 },
);
const call = waiting.required_action.submit_tool_outputs.tool_calls[0];
const stream = client.beta.threads.runs.submitToolOutputsStream(waiting.id, {
  thread_id: waiting.thread_id,
  tool_outputs: [{ tool_call_id: call.id, output: "18" }],
});
const names = [];
for await (const event of stream) {
  names.push(event.event);
}
const failure = await client.beta.threads.retrieve("thread_nobody").catch((error) => error);

console.log(
  JSON.stringify({ heard, text, code, status: run.status, names, failure: [failure.status, failure.message] }),
);
