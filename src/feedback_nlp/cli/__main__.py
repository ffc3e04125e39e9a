"""Let ``python -m feedback_nlp.cli`` do what the command does."""

from feedback_nlp.cli import main

main()
