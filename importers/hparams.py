"""Params in TensorBoard's event files, as its plugin `hparams` writes them. Pure.

Source: `tensorboard/plugins/hparams/plugin_data.proto` and `google/protobuf/struct.proto`.
"""

from __future__ import annotations

from .protobuf import Malformed, double, fields, message, text


def read_hparams(content: bytes) -> dict[str, object]:
    """Params by name: numbers, texts and booleans; none where the content says something else."""
    out: dict[str, object] = {}
    try:
        for number, started in fields(content):
            if number != 3:
                continue
            for part, entry in fields(message(started)):
                if part == 1:
                    name, value = _entry(message(entry))
                    out[name] = value
    except Malformed:
        return out
    return out


def _entry(data: bytes) -> tuple[str, object]:
    name, value = "", None
    for number, each in fields(data):
        if number == 1:
            name = text(each)
        elif number == 2:
            value = _value(message(each))
    return name, value


def _value(data: bytes) -> object:
    for number, each in fields(data):
        if number == 2:
            found = double(each)
            return int(found) if found.is_integer() and abs(found) < 2**53 else found
        if number == 3:
            return text(each)
        if number == 4:
            return bool(each)
    return None
