"""Parts of the page of a case: timeline, action forms, files, suggestions."""
