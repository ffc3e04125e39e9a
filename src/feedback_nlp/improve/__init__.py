"""What the bank repairs: one item per theme, with an owner and a date."""
