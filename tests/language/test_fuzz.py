"""A hundred thousand texts: an answer or an error of ours, and nothing raw on the terminal.

An answer's normal form reads back as the same expression, and what an error says to write can be
read.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator

import pytest

from gdcli.autodiff.lower import lower
from gdcli.autodiff.primitives import ARITIES
from gdcli.errors import LETTERS, PAPER_CHARACTERS, GdcliError
from gdcli.language.parser import parse
from gdcli.language.semantics.roles import assign
from tests.expressions import WellPosed
from tests.language.test_paper import PaperWriter
from tests.sweeps import sampled

PRINTABLE = re.compile(rf"[ -~\n{PAPER_CHARACTERS}{LETTERS}]*")
COUNT = 10_000  # of each seed


OPERATORS = ("+", "-", "*", "/", "^", "**", "(", ")", ",", ";", "=", "<", ">", "[", "]", "\n", "\t")
WORDS = (
    *(
        *OPERATORS,
        *OPERATORS,
        "<=",
        ">=",
        "==",
        "!=",
        "x",
        "y",
        "z",
        "r",
        "e",
        "x1",
        "x₁",
        "π",
        "pi",
    ),
    *("2", "0", "1", "0.5", "1e3", ".5", "2.", "3e-2", "1e400", "9^9^9", "for", "in", "sum"),
    *("f(x)", "f(x,y)=", "r=", "sin(", "exp(", "log(", "sqrt(", "max(", "atan2(", "ifelse("),
    *("abs(x)", "x^2", "xy", "ab", "(x+1)", "ifelse(x<0,-x,x)", "ifelse(x==y,1,2)"),
    *(
        "x[",
        "x[i]",
        "x[2]",
        "sum(",
        "prod(",
        "dot(x,z)",
        "norm(z)",
        " for i in 1:3",
        "1:",
        "f(x[3])=",
    ),
    *("²", "³", "⁻¹", "¹⁰", "√", "√x", "|", "|x|", "2|", "||", "·", "×", "⋅", "∗", "÷", "∕", "−"),
    *("≤", "≥", "≠", "'", "ᵀ", ".*", "./", ".^", ".+", ".-", "2.", "sin²(", "x³", "2πr", "√(x+1)"),
    *("pow(", "np.", "Sin(", "mod", "and", "if(", "gamma", "gamma(", ":=", "->", "0x10", "1e5e5"),
)
CHARACTERS = (
    "xyzabe0123456789.+-*/^()[],;:=<>!_ \t\n\r\x00\x1b\x7f\"'`$%&@#?\\|{}~"
    "αβπ₁²³⁻¹⁰ⁿᵢ−·×⋅∗÷∕√≤≥≠ᵀ½∞∑é\u0430\u0435\u200b\u202e\uff11\uff58\U0001d465\U0001f600\ufeff\u0301\ud800ǀɑ"
)


LOOPS = [
    "sum(100*(x[i+1]-x[i]^2)^2 for i in 1:3)",
    "f(x[4], b) = max(x[j]*b for j in 1:4) + norm(x)",
    "sum(prod(W[i,j] for j in i:3) for i in 1:3)",
    "sum(i*x[i]*z[j] for i in 1:2, j in max(1,i-1):min(3,i+1))/dot(x,z)",
] * 3


def soups(seed: int, count: int) -> Iterator[str]:
    """Texts of random characters, of random words, and good texts with mistakes put in."""
    source = random.Random(seed)
    good = [WellPosed(seed + number).problem(2)[0] for number in range(60)]
    good += LOOPS
    paper = PaperWriter(seed)
    good += [paper.formula(3).text for _ in range(60)]
    good += ["f(x, y) = x^2*y + 1/(x^2+y^2+1)", "r = x^2 + y^2; exp(-r) + r", "2x^2 - 3(x+1)(y-1)"]
    for number in range(count):
        if number % 5 == 0:
            yield "".join(source.choices(CHARACTERS, k=source.randrange(12)))
        elif number % 5 < 3:
            yield "".join(source.choices(WORDS, k=source.randrange(1, 9)))
        else:
            text = source.choice(good)[: source.randrange(10, 50)]
            place = source.randrange(len(text))
            change = source.choice(("", source.choice(CHARACTERS), source.choice(WORDS)))
            yield text[:place] + change + text[place + source.randrange(3) :]


def formulas_advised(message: str) -> list[str]:
    """The formulas that a refusal by the parser says to write: those behind its last `; write`."""
    found = re.search("; write (?!`|one|a |its )(?:the formula alone: )?(.*)$", message)
    return re.sub(" for an? .*|, or .*", "", found[1]).split(" or ") if found else []


@pytest.mark.parametrize("seed", sampled(range(10), 1))
def test_every_text_gets_an_answer_or_an_error_of_ours(seed: int) -> None:
    answers = 0
    errors: list[str] = []
    for number, text in enumerate(soups(20_240 + seed, COUNT)):
        try:
            expression = parse(text, ARITIES)
            tape = lower(expression, assign(expression, ARITIES))
            assert len(tape.body.outputs) == 1
            assert parse(str(expression), ARITIES) == expression, text
            if number % 20 == 0:
                str(tape)
            answers += 1
        except GdcliError as error:
            errors.append(str(error))
            for advice in formulas_advised(error.message):
                parse(advice, ARITIES)
    assert all(PRINTABLE.fullmatch(error) for error in errors)
    assert answers + len(errors) == COUNT
    assert answers > 0.05 * COUNT
    assert len(errors) > 0.3 * COUNT
