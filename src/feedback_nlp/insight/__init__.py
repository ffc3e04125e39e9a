"""From single events to numbers a bank can stand behind: counts, rates, intervals and themes."""
