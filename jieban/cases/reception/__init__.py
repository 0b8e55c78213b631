"""The reception: drafts, telephone calls, submissions without an account, the calling list."""
