"""From prepared text to labels with probabilities, reasons and doubts."""
