"""Files brought by anybody: what they are by their content, and what is kept of them.

`accepting.accept` is the one way in. All decoding happens in a child process with narrow limits (`child.py`);
what the child needs imports neither Django nor anything else of the platform.
"""
