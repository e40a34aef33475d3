"""New names for runs, writers and objects, from a clock reading and random bytes that the caller passes in."""

from __future__ import annotations

from typing import Final

_BASE32: Final = "0123456789abcdefghjkmnpqrstvwxyz"
_ADJECTIVES: Final = (
    "amber bold brisk calm clear clever cosy crisp daring eager early fair fleet fresh gentle glad golden happy "
    "hardy jolly keen kind light lively lucid lucky mellow merry mild neat nimble noble polite proud quick quiet "
    "rapid ready regal royal rustic serene sharp shiny silent silver sleek smooth snappy solid spry steady still "
    "stout sunny swift tidy trusty vivid warm wise witty"
).split()
_NOUNS: Final = (
    "alder aspen badger beaver birch bison brook canyon cedar cliff comet condor coral crane creek delta dune "
    "eagle egret elm falcon fern finch fjord fox geyser glacier grove hare harbor heron hill ibis island jay "
    "juniper kestrel lagoon lake larch lark lynx maple marsh marten meadow moose oak osprey otter owl petrel "
    "pine plover puffin raven reef river robin sable spruce stream"
).split()


def _base32(number: int, width: int) -> str:
    out = ""
    for _ in range(width):
        number, digit = divmod(number, 32)
        out = _BASE32[digit] + out
    return out


def new_run_id(now_ms: int, random: bytes) -> str:
    """A run id that sorts by creation time: `r`, 7 digits of seconds, 6 of `random` (4 bytes or more)."""
    return f"r{_base32(now_ms // 1000, 7)}{_base32(int.from_bytes(random[:4], 'big'), 6)}"


def new_run_name(random: bytes) -> str:
    """A name people can say, such as `brisk-otter-417`; 4 bytes of `random` or more. Not unique, nor need it be."""
    number = int.from_bytes(random[:4], "big")
    number, adjective = divmod(number, len(_ADJECTIVES))
    number, noun = divmod(number, len(_NOUNS))
    return f"{_ADJECTIVES[adjective]}-{_NOUNS[noun]}-{number % 1000}"


def next_hlc(now_ms: int, seen: int = 0) -> int:
    """A hybrid logical clock's next reading: after every reading `seen`, and no earlier than the wall clock.

    20 digits when padded: milliseconds x 1,000,000 plus a counter. Because it exceeds what its author had seen,
    a skewed clock can't undo an edit that the author was looking at.
    """
    return max(now_ms * 1_000_000, seen + 1)
