from __future__ import annotations

import pytest

from lakeboard.query.names.direction import Direction, find_direction


@pytest.mark.parametrize(
    ("metric", "goal", "word"),
    [
        ("val/loss", "minimize", "loss"), ("train_loss", "minimize", "loss"), ("valLoss", "minimize", "loss"),
        ("top1_error", "minimize", "error"), ("error_rate", "minimize", "error"), ("RMSE", "minimize", "rmse"),
        ("eval/WER", "minimize", "wer"), ("ppl", "minimize", "ppl"), ("fid50", "minimize", "fid50"),
        ("val/acc", "maximize", "acc"), ("accuracy@5", "maximize", "accuracy"), ("test.F1", "maximize", "f1"),
        ("mAP", "maximize", "ap"), ("acc_loss", "minimize", "loss"), ("loss/accuracy", "maximize", "accuracy"),
        ("episode_reward", "maximize", "reward"), ("rouge2", "maximize", "rouge2"), ("top5", "maximize", "top5"),
    ],
)  # fmt: skip
def test_guesses_by_name(metric: str, goal: str, word: str) -> None:
    assert find_direction(metric) == Direction(goal, "guessed", word)  # type: ignore[arg-type]


def test_what_says_nothing_is_assumed_and_said() -> None:
    found = find_direction("flux")
    assert found == Direction("maximize", "assumed")
    assert "declare it with define_metric" in found.sentence("flux")


def test_declared_goals_come_first() -> None:
    goals = {"loss": "maximize", "loss [b]": "minimize", "acc": "sideways"}
    assert find_direction("loss", goals=goals) == Direction("maximize", "declared")
    assert find_direction("loss", "b", goals=goals) == Direction("minimize", "declared")
    assert find_direction("loss", "c", goals=goals) == Direction("maximize", "declared")
    assert find_direction("acc", goals=goals).known == "guessed"
    assert find_direction("loss", goals=goals, goal="minimize") == Direction("minimize", "declared")
    assert find_direction("loss", goals=goals).sentence("loss") == ""
