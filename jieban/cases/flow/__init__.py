"""The state machine of a case: states, actions and the one table of transitions. Pure; no database."""
