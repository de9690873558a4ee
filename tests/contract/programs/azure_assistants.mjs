// A program of our own for @azure/openai-assistants: every kind of object once; prints JSON.
import { AssistantsClient, AzureKeyCredential } from "@azure/openai-assistants";

const client = new AssistantsClient(process.env.SERVER_URL, new AzureKeyCredential("any"), {
  allowInsecureConnection: true,
});
const tools = [
  { type: "code_interpreter" },
  { type: "function", function: { name: "get_weather", parameters: { type: "object", properties: {} } } },
];

async function finished(run) {
  while (run.status === "queued" || run.status === "in_progress") {
    await new Promise((resolve) => setTimeout(resolve, 50));
    run = await client.getRun(run.threadId, run.id);
  }
  return run;
}

const file = await client.uploadFile(new TextEncoder().encode("n\n1\n41\n"), "assistants", { filename: "numbers.csv" });
const assistant = await client.createAssistant({ model: "gpt-4", name: "Helper", tools, fileIds: [file.id] });
const updated = await client.updateAssistant(assistant.id, { name: "Friend" });
const thread = await client.createThread();
const code = "!code print(open('/mnt/data/numbers.csv').read().count('1'))\n!say Counted";
const message = await client.createMessage(thread.id, "user", code, { fileIds: [file.id] });
const run = await finished(await client.createRun(thread.id, { assistantId: assistant.id }));
const steps = await client.listRunSteps(thread.id, run.id);
const messages = await client.listMessages(thread.id);

const waiting = await finished(
  await client.createThreadAndRun({
    assistantId: assistant.id,
    thread: { messages: [{ role: "user", content: '!call get_weather {"city": "Paris"}\n!say 18 degrees' }] },
  }),
);
const [call] = waiting.requiredAction.submitToolOutputs.toolCalls;
const answered = await finished(
  await client.submitToolOutputsToRun(waiting.threadId, waiting.id, [{ toolCallId: call.id, output: "18" }]),
);
let failure;
await client.getThread("thread_nobody").catch((error) => (failure = error));

console.log(
  JSON.stringify({
    name: updated.name,
    files: [assistant.fileIds, message.fileIds].map((ids) => ids[0] === file.id),
    listed: (await client.listFiles()).data.some((listed) => listed.id === file.id),
    status: run.status,
    times: [run.createdAt instanceof Date, run.completedAt instanceof Date, run.failedAt],
    steps: steps.data.map((step) => step.type),
    answer: messages.data[0].content[0].text.value,
    call: [call.function.name, call.function.arguments],
    statuses: [waiting.status, answered.status],
    deleted: [
      (await client.deleteThread(thread.id)).deleted,
      (await client.deleteAssistant(assistant.id)).deleted,
      (await client.deleteFile(file.id)).deleted,
    ],
    failure: failure.message,
  }),
);
