"""Hot topics: clustering of messages by matter and place."""
