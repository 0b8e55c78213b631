"""Reception: drafts, telephone calls, public submissions, and the calling list."""
