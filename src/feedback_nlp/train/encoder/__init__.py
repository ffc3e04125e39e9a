"""Make an encoder, train it on public labels, measure it. Needs the extra `train`.

Pretraining, from plain texts: `pretrain`, and in the order in which it needs them `config`, `sources`, `apart`, `texts`
(`spread` over processes, each `stage` once), `vocabulary`, `pieces`, `start`, `window_batches`, `learner` (`masked`,
`electra`), `schedule`, `losses`, `checkpoint`; at the end `ship`.
Intermediate training, on public labelled sets: `intermediate`, with `tasks`, `material`, `task_batches`, `heads`,
`multitask`.
The probe: `probe`, with `probe_sets` and `probe_readers`.
An encoder's folder: `folder` opens it, `publish` writes it and adds to its manifest, `card` tells the manifest.
"""
