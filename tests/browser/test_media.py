"""Media on a run's page, in a real browser."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, expect

import lakeboard

pytestmark = pytest.mark.browser
