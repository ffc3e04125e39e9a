"""From labelled texts to a release that has been measured. Computes only: jobs hand it files and clocks.

Learning: `corpus` reads labelled texts, `truth` lays them out, `near` finds texts that are nearly the same; `linear`
(`vocabulary`, `recipe`) fits, `calibrate` turns scores into decisions, `release` writes what came out. `deep` tunes
an encoder beside the linear model, `encoder` makes one; both need the extra `train`, which `extra` looks for.
Measuring: `reading` and `evaluate` compare with people, `headline` and `yardstick` say by what; `baselines`, `compare`
and `gate` set releases side by side; `findings`, `curves`, `worst` gather what `written`, `page` and `pictures` show;
`card`, `card_figures` and `markdown` tell it in words.
Labels: `wanted` (what to label next), `suspicious`, `agreement`, `splits`, `guidance`.
"""
