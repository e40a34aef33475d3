"""How much memory there is for what is kept: of the machine, of a container, or as somebody says."""

from __future__ import annotations

from pathlib import Path

import pytest

from lakeboard.query.objects.budget import MEMORY, memory_budget, memory_limit
from lakeboard.schema.errors import InvalidSetting

MACHINE = memory_limit(Path("/nowhere"))
GIB = 2**30


def tree(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("2GB", 2_000_000_000), ("512MiB", 512 * 2**20), ("1.5 gib", int(1.5 * GIB)), ("64m", 64_000_000),
        ("100000000", 100_000_000), ("50%", MACHINE // 2), ("1t", 10**12), (" 64 MB ", 64_000_000),
    ],
)  # fmt: skip
def test_what_the_environment_says_counts(text: str, amount: int) -> None:
    assert memory_budget({MEMORY: text}, root=Path("/nowhere")) == amount


@pytest.mark.parametrize("text", ["much", "-2GB", "2 G B", "GB", "200%", "1e9", "1kB", "2GBytes", "٣GB"])
def test_what_is_no_amount_is_an_error_that_says_the_fix(text: str) -> None:
    with pytest.raises(InvalidSetting, match=r"LAKEBOARD_MEMORY=.*such as 2GB"):
        memory_budget({MEMORY: text})


def test_without_a_word_it_is_a_quarter(tmp_path: Path) -> None:
    assert memory_budget({}, root=tmp_path) == MACHINE // 4
    assert memory_budget({MEMORY: " "}, root=tmp_path) == MACHINE // 4


def test_of_a_container_it_is_a_quarter_of_the_container(tmp_path: Path) -> None:
    root = tree(
        tmp_path,
        {
            "proc/self/cgroup": "0::/kube/pod\n",
            "sys/fs/cgroup/kube/pod/memory.max": "max\n",
            "sys/fs/cgroup/kube/memory.max": f"{GIB}\n",
        },
    )
    assert memory_limit(root) == GIB, "the limit of a group above counts as well"
    tree(tmp_path, {"sys/fs/cgroup/kube/pod/memory.high": "536870912\n"})
    assert memory_budget({}, root=root) == GIB // 8


def test_inside_a_container_only_the_root_of_the_groups_is_there(tmp_path: Path) -> None:
    root = tree(tmp_path, {"proc/self/cgroup": "0::/host/path\n", "sys/fs/cgroup/memory.max": f"{GIB}\n"})
    assert memory_limit(root) == GIB


def test_groups_of_the_first_version(tmp_path: Path) -> None:
    root = tree(
        tmp_path,
        {
            "proc/self/cgroup": "9:cpu,cpuacct:/a\n4:memory:/docker/x\n0::/\n",
            "sys/fs/cgroup/memory/docker/x/memory.limit_in_bytes": f"{GIB // 2}\n",
            "sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n",
        },
    )
    assert memory_limit(root) == GIB // 2


def test_a_small_container_still_gets_something_to_work_with(tmp_path: Path) -> None:
    root = tree(tmp_path, {"proc/self/cgroup": "0::/\n", "sys/fs/cgroup/memory.max": "1048576\n"})
    assert memory_budget({}, root=root) == 16 * 2**20
