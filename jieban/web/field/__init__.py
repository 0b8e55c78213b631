"""Handler's pages on a phone: tasks, cases and forms, also offline."""
