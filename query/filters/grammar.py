"""From tokens to a `Filter`: a Pratt parser, where `not` binds tighter than `and`, and `and` tighter than `or`."""

from __future__ import annotations

from dataclasses import replace
from typing import Final, NoReturn

from ...schema.errors import FilterError
from .syntax import MAX_DEPTH, MAX_TERMS, NUMBER_WORDS, And, Comparison, Filter, Name, Not, Or, Term, Value, join
from .tokens import Token, tokenize

_BINDING: Final[dict[str, tuple[int, type[And] | type[Or]]]] = {"or": (1, Or), "and": (2, And)}
_NOT_BINDS: Final = 3
_SIGNS: Final = ("=", "!=", "<", "<=", ">", ">=")
_MIRRORED: Final = {"=": "=", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
_WORDS: Final = ("in", "like", "contains", "matches", "between")
_CLOSING: Final = {"(": ")", "[": "]"}


def parse_filter(text: str) -> Filter:
    """Read a filter; blank text is the filter that matches every run. Linear time, no I/O.

    Names are not looked up here: `to_expr` does that, with the columns at hand.

    Raises:
        FilterError: the text is no filter, or beyond 4,000 characters, 50 levels or 500 comparisons; `position`
            is where.
    """
    parser = _Parser(tokenize(text))
    return Filter(parser.whole()) if parser.token.kind != "end" else Filter()


class _Parser:
    def __init__(self, tokens: list[Token]) -> None:
        self._tokens = tokens
        self._at = 0
        self._depth = 0
        self._terms = 0

    @property
    def token(self) -> Token:
        return self._tokens[self._at]

    def whole(self) -> Term:
        term = self._expression(0)
        if self.token.kind != "end":
            self._fail("expected `and`, `or` or the end of the filter")
        return term

    def _expression(self, binding: int) -> Term:
        left = self._prefix()
        while self.token.kind == "keyword" and self.token.text in _BINDING:
            power, kind = _BINDING[self.token.text]
            if power <= binding:
                break
            terms = [left]
            # One node for a whole chain: five hundred terms are no deeper than two.
            while self._take("keyword", next(word for word, (each, _) in _BINDING.items() if each == power)):
                terms.append(self._expression(power))
            left = join(kind, tuple(terms))
        return left

    def _prefix(self) -> Term:
        start = self.token
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise FilterError(f"more than {MAX_DEPTH} levels of parentheses and `not`", position=start.start)
        try:
            if self._take("keyword", "not"):
                return Not(self._expression(_NOT_BINDS))
            if self._take("sign", "("):
                inner = self._expression(0)
                self._expect(")")
                return inner
            return self._comparison()
        finally:
            self._depth -= 1

    def _comparison(self) -> Term:
        self._terms += 1
        if self._terms > MAX_TERMS:
            raise FilterError(
                f"more than {MAX_TERMS} comparisons; `in (…)` takes many values", position=self.token.start
            )
        token = self.token
        if token.kind in ("number", "string") or self._is_number_word():
            return self._mirrored()
        if token.kind not in ("word", "name"):
            self._fail("expected the name of a param, a metric or a column of the run")
        self._at += 1
        return self._question(Name(token.text, token.start))

    def _is_number_word(self) -> bool:
        """Whether `inf` or `nan` stands first, as in `inf > lr`; a metric of that name goes in backticks."""
        first, *rest = self._tokens[self._at : self._at + 3]
        return (
            first.kind == "word"
            and first.text.casefold() in NUMBER_WORDS
            and [each.kind for each in rest] in (["sign", "word"], ["sign", "name"])
            and rest[0].text in _SIGNS
        )

    def _question(self, name: Name) -> Term:
        operator = self.token
        place = operator.start
        if operator.kind == "sign" and operator.text in _SIGNS:
            self._at += 1
            return _equality(name, operator.text, self._value(), place)
        if self._take("keyword", "is"):
            return _equality(name, "!=" if self._take("keyword", "not") else "=", self._value(), place)
        if operator.kind != "keyword" or operator.text not in ("not", *_WORDS):
            return Comparison(name, "true", (), place)
        negated = "not " if self._take("keyword", "not") else ""
        word = self.token.text
        if self.token.kind != "keyword" or word not in _WORDS:
            self._fail(f"expected one of {', '.join(_WORDS)} after `not`")
        self._at += 1
        if word == "in":
            return Comparison(name, negated + word, self._values(), place)
        values = [self._value()]
        if word == "between":
            if not self._take("keyword", "and"):
                self._fail("expected `and` and the upper end of `between`")
            values.append(self._value())
        for value in values:
            if value.kind == "null":
                raise FilterError(
                    f"`{word}` needs a value; a missing one is asked for by `is null`", position=value.position
                )
        return Comparison(name, negated + word, tuple(values), place)

    def _mirrored(self) -> Term:
        """`1e-4 < lr`, `1e-4 < lr <= 0.1`, `"x" in tags`: the value stands first."""
        value = self._value()
        operator = self.token
        if self._take("keyword", "in"):
            return Comparison(self._name(), "contains", (value,), operator.start)
        if operator.kind != "sign" or operator.text not in _SIGNS:
            self._fail("expected a comparison such as `<` after a value that stands first")
        self._at += 1
        name = self._name()
        first = Comparison(name, _MIRRORED[operator.text], (value,), operator.start)
        if self.token.kind != "sign" or self.token.text not in _SIGNS:
            return first
        return join(And, (first, self._question(replace(name))))

    def _name(self) -> Name:
        token = self.token
        if token.kind not in ("word", "name"):
            self._fail("expected the name of a param, a metric or a column of the run")
        self._at += 1
        return Name(token.text, token.start)

    def _value(self) -> Value:
        token = self.token
        self._at += 1
        if token.kind in ("number", "string", "word", "name"):
            return Value(token.kind, token.text, token.start)
        if token.kind == "keyword" and token.text == "null":
            return Value("null", "null", token.start)
        self._at -= 1
        hint = f'; as text it is written "{token.text}"' if token.kind == "keyword" else ""
        return self._fail("expected a value: a number, text, true, false or null" + hint)

    def _values(self) -> tuple[Value, ...]:
        opening = self.token
        if opening.kind != "sign" or opening.text not in _CLOSING:
            self._fail("expected a list such as (1, 2) after `in`")
        self._at += 1
        values = [self._value()]
        while self._take("sign", ","):
            values.append(self._value())
        self._expect(_CLOSING[opening.text])
        return tuple(values)

    def _take(self, kind: str, text: str) -> bool:
        if self.token.kind == kind and self.token.text == text:
            self._at += 1
            return True
        return False

    def _expect(self, sign: str) -> None:
        if not self._take("sign", sign):
            self._fail(f"expected `{sign}`")

    def _fail(self, expected: str) -> NoReturn:
        token = self.token
        found = (
            "the filter ends here" if token.kind == "end" else f"found {token.text!r} at character {token.start + 1}"
        )
        raise FilterError(f"{found}: {expected}", position=token.start)


def _equality(name: Name, sign: str, value: Value, place: int) -> Comparison:
    if value.kind != "null":
        return Comparison(name, sign, (value,), place)
    if sign not in ("=", "!="):
        raise FilterError(f"nothing is {sign} null; write `is null` or `is not null`", position=value.position)
    return Comparison(name, "is null" if sign == "=" else "is not null", (), place)
