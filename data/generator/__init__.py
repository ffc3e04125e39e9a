"""The generator behind data/samples; see data/make_samples.py."""
