"""From labelled texts to a release that has been measured."""
