"""The type of what `st.container()` and its like return, for annotations: Streamlit has no public name for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

    Container: TypeAlias = DeltaGenerator
else:
    Container = Any
