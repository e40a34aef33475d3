"""What every integration does alike: which run it logs into, who ends that, and that its faults end no training."""

from __future__ import annotations

import atexit
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import wraps
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any, Final, Literal, ParamSpec, TypeVar
from weakref import WeakSet

from .. import InvalidValue, init

if TYPE_CHECKING:
    from .. import ArtifactHandle, Run

P = ParamSpec("P")
T = TypeVar("T")
LogModel = Literal["best", "all", False]
LEFT: Final = "the training did not come to its end"
"""Of a run whose framework never said that it was done: it raised, and tells no callback."""
_COPIED_BYTES: Final = 60_000_000
"""So much of the system's temporary folder `log_artifact` copies before it returns; more it reads in the background."""
_TOLD: Final[set[str]] = set()
_TRAINING: Final[WeakSet[Session]] = WeakSet()
"""Sessions of which a training has begun and not come to its end."""


class Session:
    """The run of one integration: the one that is open, which it leaves open, or one of its own, which it ends.

    Can be copied and pickled with the callback that holds it. Costs nothing until `begin`.
    """

    def __init__(self, options: Mapping[str, Any]) -> None:
        self._options = dict(options)
        self._own = False
        self._training = False
        self.run: Run | None = None

    def begin(self, config: Mapping[str, Any] | None = None, *, section: str | None = None) -> Run:
        """A training begins: its run, with these params below `section`.

        An own run whose training never came to its end is a failure, and another begins.
        """
        self.leave()
        return self.attach(config, section=section, training=True)

    def attach(
        self, config: Mapping[str, Any] | None = None, *, section: str | None = None, training: bool = False
    ) -> Run:
        """The run of this session, where it has one that is open; else the current one; else a new one."""
        run = self.run
        if run is None or run.finished or not self._own:
            current = open_run()
            self._own = current is None
            run = self.run = init(**self._options) if current is None else current
        if self._own and training:
            self._training = True
            _TRAINING.add(self)
        if config:
            run.config.update({section: dict(config)} if section else dict(config))
        return run

    def rest(self) -> None:
        """The training came to its end, and its run goes on, such as with a test."""
        self._training = False
        _TRAINING.discard(self)

    def finish(self, error: BaseException | None = None) -> None:
        """End the run, if it is this session's own: as failed with that error, as killed with a KeyboardInterrupt."""
        self.rest()
        run, own = self.run, self._own
        self.run, self._own = None, False
        if run is None or not own:
            return
        if error is None:
            run.finish()
        else:
            end_with(run, error)

    def leave(self) -> None:
        """End an own run whose training never came to its end, as failed."""
        if not self._training:
            if self._own:
                self.finish()
            return
        error = getattr(sys, "last_value", None)
        self.finish(error if isinstance(error, BaseException) else RuntimeError(LEFT))

    def log_model(self, save: Callable[[Path], object], name: str, aliases: tuple[str, ...] = ()) -> None:
        """Store what `save` writes into a folder as a version of the artifact `model-<run id>`."""
        if self.run is None:
            return
        folder = Path(tempfile.mkdtemp(prefix="lakeboard-model-"))
        try:
            save(folder / name)
            large = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) > _COPIED_BYTES
            handle = self.run.log_artifact(folder, f"model-{self.run.id}", "model", aliases=aliases)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        if large:
            Thread(target=_remove_once_stored, args=(handle, folder), name="lakeboard model", daemon=True).start()
        else:
            shutil.rmtree(folder, ignore_errors=True)


def _remove_once_stored(handle: ArtifactHandle, folder: Path) -> None:
    """Until then its files are read; where they were not stored, a recovery still needs them."""
    with suppress(Exception):
        handle.wait()
    if handle.version is not None:
        shutil.rmtree(folder, ignore_errors=True)


@atexit.register
def _leave_all() -> None:
    for session in list(_TRAINING):
        session.leave()


class Ending:
    """A callback that is a context manager, for trainings that may raise: their run fails with the error's own text."""

    session: Session

    def __enter__(self) -> Any:
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        self.session.finish(error)


def end_with(run: Run, error: BaseException) -> None:
    """End a run as failed with that error, its type and text; as killed with a KeyboardInterrupt."""
    if isinstance(error, (KeyboardInterrupt, GeneratorExit)):
        run.finish(status="killed", error=type(error).__name__)
    elif sys.exc_info()[1] is error:
        # Being handled, so that its traceback is kept too.
        run.finish(status="failed")
    else:
        run.finish(status="failed", error=f"{type(error).__name__}: {error}")


def open_run() -> Run | None:
    """The current run of the calling thread or task."""
    from .. import run

    return run


def log_model_given(value: object) -> LogModel:
    """`log_model=`, checked.

    Raises:
        InvalidValue: another word.
    """
    if value in ("best", "all") or value is False:
        return value  # type: ignore[return-value]
    raise InvalidValue(f'log_model={value!r} is unknown; use "best", "all" or False')


def guarded(default: Any) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """A hook of a framework that never raises: its fault is told once on the console, and `default` returned."""

    def decorate(hook: Callable[P, T]) -> Callable[P, T]:
        @wraps(hook)
        def call(*args: P.args, **kwargs: P.kwargs) -> T:
            try:
                return hook(*args, **kwargs)
            except Exception as error:  # noqa: BLE001 - whatever it is, the training goes on
                tell(f"{hook.__module__}.{hook.__qualname__}", error)
                fallback: T = default
                return fallback

        return call

    return decorate


def tell(where: str, error: BaseException) -> None:
    """Say once on the console that something is not logged, and why."""
    if where not in _TOLD:
        _TOLD.add(where)
        sys.stderr.write(f"lakeboard: {where} logged nothing: {type(error).__name__}: {error}; the training goes on\n")


@contextmanager
def needs(package: str, install: str | None = None) -> Iterator[None]:
    """Around the import of a framework: where it is missing, the error names it and the command that installs it.

    Raises:
        ModuleNotFoundError: it is not installed.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != package:
            raise
        command = f"pip install {install or package}"
        raise ModuleNotFoundError(
            f"this integration needs {package}, which is not installed: {command}", name=error.name
        ) from error


def fitted_by_a_search() -> bool:
    """Whether a candidate of scikit-learn's search or cross-validation is being fitted: these log nothing."""
    frame = sys._getframe(1)  # noqa: SLF001 - the one way to look at the stack without importing inspect
    while frame is not None:
        if frame.f_globals.get("__name__") == "sklearn.model_selection._validation":
            return True
        frame = frame.f_back  # type: ignore[assignment]
    return False
