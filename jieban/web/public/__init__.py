"""Public pages: submitting a case, following it, and supporting cases of others."""
