"""The smallest useful script: train a model, log every epoch. Run it: `python examples/quickstart.py`."""

from sklearn.datasets import load_digits
from sklearn.linear_model import SGDClassifier
from sklearn.metrics import log_loss
from sklearn.model_selection import train_test_split

import lakeboard

EPOCHS = 30
CONFIG = {"model": "logistic", "alpha": 1e-3, "epochs": EPOCHS, "seed": 0}

x, y = load_digits(return_X_y=True)
x_train, x_val, y_train, y_val = train_test_split(x / 16, y, random_state=CONFIG["seed"])
model = SGDClassifier(loss="log_loss", alpha=CONFIG["alpha"], random_state=CONFIG["seed"])

with lakeboard.init(project="quickstart", dataset="digits", config=CONFIG) as run:
    run.define_metric("*/acc", goal="maximize")
    for epoch in range(EPOCHS):
        model.partial_fit(x_train, y_train, classes=range(10))
        run.log(
            {
                "train/loss": log_loss(y_train, model.predict_proba(x_train)),
                "val/loss": log_loss(y_val, model.predict_proba(x_val)),
                "val/acc": model.score(x_val, y_val),
            },
            step=epoch,
        )
