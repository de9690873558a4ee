"""The public REST API over the engine, in the Azure and the OpenAI dialect."""
