"""Fine-tune an encoder beside the linear model, and bring both into one release. Needs the extra `train`."""
