"""`from lakeboard.tensorboard import SummaryWriter`, instead of `from torch.utils.tensorboard import SummaryWriter`."""

from .facades.tensorboard import SummaryWriter

__all__ = ["SummaryWriter"]
