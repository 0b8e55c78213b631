"""Channels: the outbox, text messages, and the message types that apps declare."""
