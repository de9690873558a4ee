"""Text as HTML: Markdown, code, formulas, JSON."""
