"""The SDK's types under the names that the page uses: nothing else of the SDK is seen outside this package."""

from __future__ import annotations

from openai import AsyncOpenAI as Client
from openai import AsyncStream as Stream
from openai._response import AsyncStreamedBinaryAPIResponse as StreamedContent
from openai.types import FileObject as File
from openai.types import Model, VectorStore
from openai.types import VectorStoreSearchResponse as FoundPassage
from openai.types.beta import Assistant, AssistantStreamEvent, Thread
from openai.types.beta import AssistantToolParam as AssistantTool
from openai.types.beta.thread_update_params import ToolResources
from openai.types.beta.threads import (
    FileCitationAnnotation,
    FilePathAnnotation,
    ImageFileContentBlock,
    ImageFileDeltaBlock,
    Message,
    MessageDelta,
    Run,
    TextContentBlock,
    TextDeltaBlock,
)
from openai.types.beta.threads import MessageContentPartParam as MessagePart
from openai.types.beta.threads.message_create_params import Attachment, AttachmentTool
from openai.types.beta.threads.runs import (
    CodeInterpreterOutputImage,
    CodeInterpreterToolCall,
    CodeInterpreterToolCallDelta,
    FileSearchToolCall,
    FileSearchToolCallDelta,
    FunctionToolCall,
    FunctionToolCallDelta,
    MessageCreationStepDetails,
    RunStep,
    RunStepDelta,
    ToolCall,
    ToolCallDelta,
    ToolCallDeltaObject,
    ToolCallsStepDetails,
)
from openai.types.beta.threads.runs.file_search_tool_call import FileSearchResult
from openai.types.vector_store_update_params import ExpiresAfter
from openai.types.vector_stores import VectorStoreFile

__all__ = [
    "Assistant",
    "AssistantStreamEvent",
    "AssistantTool",
    "Attachment",
    "AttachmentTool",
    "Client",
    "CodeInterpreterOutputImage",
    "CodeInterpreterToolCall",
    "CodeInterpreterToolCallDelta",
    "ExpiresAfter",
    "File",
    "FileCitationAnnotation",
    "FilePathAnnotation",
    "FileSearchResult",
    "FileSearchToolCall",
    "FileSearchToolCallDelta",
    "FoundPassage",
    "FunctionToolCall",
    "FunctionToolCallDelta",
    "ImageFileContentBlock",
    "ImageFileDeltaBlock",
    "Message",
    "MessageCreationStepDetails",
    "MessageDelta",
    "MessagePart",
    "Model",
    "Run",
    "RunStep",
    "RunStepDelta",
    "Stream",
    "StreamedContent",
    "TextContentBlock",
    "TextDeltaBlock",
    "Thread",
    "ToolCall",
    "ToolCallDelta",
    "ToolCallDeltaObject",
    "ToolCallsStepDetails",
    "ToolResources",
    "VectorStore",
    "VectorStoreFile",
]
