"""The SDK's types under the names that the page uses: nothing else of the SDK is seen outside this package."""

from __future__ import annotations

from openai import AsyncOpenAI as Client
from openai import AsyncStream as Stream
from openai._response import AsyncStreamedBinaryAPIResponse as StreamedContent
from openai.types import Model
from openai.types.beta import Assistant, AssistantStreamEvent
from openai.types.beta import AssistantToolParam as AssistantTool
from openai.types.beta.threads import (
    FilePathAnnotation,
    ImageFileContentBlock,
    ImageFileDeltaBlock,
    Message,
    MessageDelta,
    Run,
    TextContentBlock,
    TextDeltaBlock,
)
from openai.types.beta.threads.runs import (
    CodeInterpreterOutputImage,
    CodeInterpreterToolCall,
    CodeInterpreterToolCallDelta,
    MessageCreationStepDetails,
    RunStep,
    RunStepDelta,
    ToolCall,
    ToolCallDelta,
    ToolCallDeltaObject,
    ToolCallsStepDetails,
)

__all__ = [
    "Assistant",
    "AssistantStreamEvent",
    "AssistantTool",
    "Client",
    "CodeInterpreterOutputImage",
    "CodeInterpreterToolCall",
    "CodeInterpreterToolCallDelta",
    "FilePathAnnotation",
    "ImageFileContentBlock",
    "ImageFileDeltaBlock",
    "Message",
    "MessageCreationStepDetails",
    "MessageDelta",
    "Model",
    "Run",
    "RunStep",
    "RunStepDelta",
    "Stream",
    "StreamedContent",
    "TextContentBlock",
    "TextDeltaBlock",
    "ToolCall",
    "ToolCallDelta",
    "ToolCallDeltaObject",
    "ToolCallsStepDetails",
]
