"""Hot topics: clusters of messages by matter and place."""
