"""The code interpreter: model-written Python in a jail."""
