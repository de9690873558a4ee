"""The attack suite: what hostile code tries, run in one tier, judged by what it reached."""
