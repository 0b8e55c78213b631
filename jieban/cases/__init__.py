"""The case (诉求): its state machine, access, deadlines, actions and history, and all reads of it."""
