"""Make an encoder: pretraining, intermediate training on public labels, and the probe. Needs the extra `train`."""
