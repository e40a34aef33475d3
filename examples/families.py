"""Four families of models that learn step by step, each as a function that yields after every epoch."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from sklearn.ensemble import GradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import SGDClassifier
from sklearn.neural_network import MLPClassifier

Array = np.ndarray[Any, Any]
Probabilities = Callable[[Array], Array]
Family = Callable[[dict[str, Any], Array, Array], Iterator[Probabilities]]


def linear(config: dict[str, Any], x: Array, y: Array) -> Iterator[Probabilities]:
    """Logistic regression by stochastic gradient descent, one pass an epoch."""
    model = SGDClassifier(
        loss="log_loss",
        alpha=config["alpha"],
        learning_rate="invscaling",
        eta0=config["lr"],
        random_state=config["seed"],
    )
    for _ in range(config["epochs"]):
        model.partial_fit(x, y, classes=np.unique(y))
        yield model.predict_proba


def mlp(config: dict[str, Any], x: Array, y: Array) -> Iterator[Probabilities]:
    """A small neural network with Adam, one pass an epoch."""
    model = MLPClassifier(
        hidden_layer_sizes=(config["width"],) * config["depth"],
        learning_rate_init=config["lr"],
        batch_size=64,
        random_state=config["seed"],
    )
    for _ in range(config["epochs"]):
        model.partial_fit(x, y, classes=np.unique(y))
        yield model.predict_proba


def boosting(config: dict[str, Any], x: Array, y: Array) -> Iterator[Probabilities]:
    """Gradient boosting, a few more trees an epoch."""
    model = GradientBoostingClassifier(
        learning_rate=config["lr"],
        max_depth=config["depth"],
        subsample=0.8,
        max_features="sqrt",
        n_estimators=config["trees"],
        warm_start=True,
        random_state=config["seed"],
    )
    for epoch in range(config["epochs"]):
        model.n_estimators = config["trees"] * (epoch + 1)
        model.fit(x, y)
        yield model.predict_proba


def forest(config: dict[str, Any], x: Array, y: Array) -> Iterator[Probabilities]:
    """A random forest that grows a few trees an epoch."""
    model = RandomForestClassifier(
        max_depth=config["depth"],
        n_estimators=config["trees"],
        warm_start=True,
        random_state=config["seed"],
    )
    for epoch in range(config["epochs"]):
        model.n_estimators = config["trees"] * (epoch + 1)
        model.fit(x, y)
        yield model.predict_proba


FAMILIES: dict[str, Family] = {"linear": linear, "mlp": mlp, "boosting": boosting, "forest": forest}
