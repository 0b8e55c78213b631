"""Foundations without a domain noun: errors, clock, keys, encryption, files, outgoing HTTP, SQL, texts, tables."""
