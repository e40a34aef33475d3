"""torch: `watch(model)` logs the norms of gradients and weights while a training goes on."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from .session import guarded, needs, open_run

if TYPE_CHECKING:
    from .. import Run

with needs("torch"):
    import torch

__all__ = ["watch"]


def watch(model: Any, run: Run | None = None, *, every: int = 100) -> Callable[[], None]:
    """Log `gradients/<parameter>` and `weights/<parameter>`, their 2-norms, at every so many backward passes.

    The points belong to the step that the run is at; they move no step. One norm over all gradients and one transfer
    from the device each time; in between a count. Take the number of `backward()` calls, not of optimizer steps, where
    gradients are accumulated.

    Args:
        model: a module with at least one trainable parameter.
        run: where to; default the current run at each time.
        every: 1 for each backward pass.

    Returns:
        A function that ends the watching.

    Raises:
        ValueError: nothing in the model can be trained, or `every` is below 1.
    """
    if every < 1:
        raise ValueError(f"watch(every={every}) must be 1 or more")
    named = [(name, parameter) for name, parameter in model.named_parameters() if parameter.requires_grad]
    if not named:
        raise ValueError("watch() needs a model with parameters that can be trained; all of this one are frozen")
    passes = 0

    @guarded(None)
    def hook(_parameter: Any) -> None:
        nonlocal passes
        passes += 1
        into = run if run is not None else open_run()
        if passes % every == 0 and into is not None:
            into.log(_norms(named), aside=True)

    # The first parameter's gradient is the last to be there.
    handle = named[0][1].register_post_accumulate_grad_hook(hook)
    return lambda: handle.remove()


def _norms(named: list[tuple[str, Any]]) -> dict[str, float]:
    with torch.no_grad():
        having = [(name, parameter) for name, parameter in named if parameter.grad is not None]
        tensors = [parameter.grad for _, parameter in having] + [parameter for _, parameter in having]
        norms = torch.stack([norm.float() for norm in torch._foreach_norm(tensors)]).tolist()  # noqa: SLF001 - one kernel for all
    names = [f"gradients/{name}" for name, _ in having] + [f"weights/{name}" for name, _ in having]
    return dict(zip(names, norms, strict=True))
