from feedback_nlp.train.deep.progress import Progress


def test_loss_rate_and_what_is_left_are_told_every_so_often() -> None:
    said: list[str] = []
    looks = iter([100.0, 105.0, 110.0, 115.0])
    made = Progress(total=10_000, say=said.append, clock=lambda: next(looks), every=10, what="fold 1 of 3")
    for loss in (4.0, 3.0, 2.0, 1.0):
        made.step(500, loss)
    # after three steps, 1,500 tokens in 10 seconds; 8,500 are left
    assert said == ["fold 1 of 3: loss 3.000, 150 tokens a second, 57 seconds to go"]
