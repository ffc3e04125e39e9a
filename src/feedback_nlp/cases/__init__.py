"""Feedback that makes the same demand, counted once, with its clock running."""
