"""Sanitizing of uploaded files: type detection by content, and removal of metadata and active content.

The only entry point is `accepting.accept`. All decoding happens in a child process with narrow limits (`child.py`),
whose modules import neither Django nor anything else of the platform.
"""
