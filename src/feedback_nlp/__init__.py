"""From what customers of Chinese banks say to what the bank repairs first."""

__version__ = "0.3.0"
