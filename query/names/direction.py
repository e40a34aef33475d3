"""Whether more or less of a metric is better: declared, else guessed from its name, and the guess is said aloud."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from ...schema.run.summary import metric_label

Goal: TypeAlias = Literal["minimize", "maximize"]

_LESS: Final = frozenset(
    "loss losses error errors err mse rmse mae mape smape msle rmsle nll perplexity ppl fid kid wer cer latency time "
    "duration seconds ms memory regret cost brier logloss ece entropy crossentropy divergence kl kld mmd distance "
    "chamfer hausdorff lpips bpc bpb bits eer fpr fnr misclassification failures violations deviance residual energy "
    "size bytes penalty gap hamming pinball".split()
)
_MORE: Final = frozenset(
    "acc accuracy top1 top5 auc auroc auprc roc f1 fbeta precision recall sensitivity specificity iou miou jaccard map "
    "ap ap50 ar bleu rouge rouge1 rouge2 rougel meteor cider spice chrf reward return returns score r2 ndcg mrr hit "
    "hits psnr ssim dice throughput wins winrate success correct kappa mcc likelihood elbo elo exact em pass1 pass5 "
    "coverage purity nmi ari silhouette correlation pearson spearman kendall bertscore gain tpr tnr quality "
    "generalization reliability".split()
)
_WORD: Final = re.compile(r"[A-Z]+(?![a-z])\d*|[A-Z]?[a-z]+\d*|\d+")


@dataclass(frozen=True, slots=True)
class Direction:
    """Which way is better for a metric, and how that is known."""

    goal: Goal
    known: Literal["declared", "guessed", "assumed"]
    """`declared` by a person or `define_metric`, `guessed` by a word in the name, `assumed` for lack of any hint."""
    word: str = ""
    """The word behind a guess."""

    @property
    def is_known(self) -> bool:
        """Whether anything says which way is better; without that nothing should be called the best."""
        return self.known != "assumed"

    def sentence(self, label: str) -> str:
        """What to say beside a board or chart; empty when declared."""
        better = "less" if self.goal == "minimize" else "more"
        match self.known:
            case "declared":
                return ""
            case "guessed":
                return f"{label}: {better} is taken to be better, since its name says “{self.word}”"
        return f"{label}: nothing says which way is better, so {better} is taken to be; declare it with define_metric"


def find_direction(
    metric: str, dataset: str | None = None, *, goals: Mapping[str, str] | None = None, goal: Goal | None = None
) -> Direction:
    """The direction of a metric: the given goal, else the declared one, else a guess by name, else `maximize`.

    Args:
        metric: its name, `val/acc`.
        dataset: for looking up `val/acc [cifar10]` in `goals` before `val/acc`.
        goals: `minimize` or `maximize` by metric or label, as `define_metric` declared them; others are no goal.
        goal: what a board's definition says.
    """
    if goal is not None:
        return Direction(goal, "declared")
    for name in (metric_label(metric, dataset), metric):
        match (goals or {}).get(name):
            case "minimize":
                return Direction("minimize", "declared")
            case "maximize":
                return Direction("maximize", "declared")
    # The head of a name stands last: top1_error is an error, error_rate too, for rate says nothing.
    for word in reversed(_WORD.findall(metric)):
        folded = word.casefold()
        for spelling in (folded, folded.rstrip("0123456789")):
            if spelling in _LESS:
                return Direction("minimize", "guessed", folded)
            if spelling in _MORE:
                return Direction("maximize", "guessed", folded)
    return Direction("maximize", "assumed")
