"""History: the ledger of cases, verification of their sealed texts, and case numbers."""
