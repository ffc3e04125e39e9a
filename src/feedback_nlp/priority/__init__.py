"""Which case comes first, and why."""
