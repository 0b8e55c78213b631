"""The search tokens of a case's words: those of every text of the platform."""

from jieban.base.words import MOST_TOKENS, query_tokens, tokens

__all__ = ["MOST_TOKENS", "query_tokens", "tokens"]
