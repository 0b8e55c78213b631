"""Suggestions on the desk: what a text proposes, which unit fits, which cases are like it, and how good that is."""
