"""Whole arrays become entries and loops: what comes out, and the sentence of each refusal."""

from __future__ import annotations

import pytest

from gdcli.autodiff.primitives import ARITIES
from gdcli.errors import ExpressionError
from gdcli.language.parser import parse
from gdcli.language.semantics.roles import GivenShapes
from gdcli.language.semantics.whole_arrays import Elaboration, elaborated

SHAPES = {
    **{"A": (3, 4), "B": (4, 4), "C": (4, 2), "b": (3,), "c": (4,), "X": (100, 3), "y": (100,)},
    **{"L": (2, 400), "M": (400, 300), "T": (2, 3, 4), "k": (100,)},
}


def elaboration(text: str) -> Elaboration:
    return elaborated(parse(text, ARITIES), GivenShapes({}, SHAPES))


@pytest.mark.parametrize(
    ("text", "entries"),
    [
        ("norm(A*x - b)^2",
         "norm(sum(A[i1, i2]*x[i2] for i2 in 1:4) - b[i1] for i1 in 1:3)^2"),
        ("b'*b", "sum(b[i1]*b[i1] for i1 in 1:3)"),
        ("sum(b*c')", "sum(b[i1]*c[i2] for i1 in 1:3, i2 in 1:4)"),
        ("c'*B*c", "sum(sum(c[i2]*B[i2, i1] for i2 in 1:4)*c[i1] for i1 in 1:4)"),
        ("sum(A') + mean(c) + max(b) + min(b) + prod(b)",
         "sum(A[i2, i1] for i1 in 1:4, i2 in 1:3) + mean(c[i1] for i1 in 1:4) "
         "+ max(b[i1] for i1 in 1:3) + min(b[i1] for i1 in 1:3) + prod(b[i1] for i1 in 1:3)"),
        ("logsumexp(2*b .- 1)", "logsumexp(2*b[i1] - 1 for i1 in 1:3)"),
        ("dot(A[2], c)", "sum(A[2, i1]*c[i1] for i1 in 1:4)"),
        ("sum(A[i]'*c for i in 1:3)", "sum(sum(A[i, i1]*c[i1] for i1 in 1:4) for i in 1:3)"),
        ("norm(T[1])", "norm(T[1, i1, i2] for i1 in 1:3, i2 in 1:4)"),
        ("sum(A .+ c' .* b)", "sum(A[i1, i2] + c[i2]*b[i1] for i1 in 1:3, i2 in 1:4)"),
        ("sum(-2*A*x/3)", "sum(-2*sum(A[i1, i2]*x[i2] for i2 in 1:4)/3 for i1 in 1:3)"),
        ("y2 = A*x; y2[3] + norm(y2)",
         "y2[i1 in 1:3] = sum(A[i1, i2]*x[i2] for i2 in 1:4); y2[3] + norm(y2[i1] for i1 in 1:3)"),
        ("r = -(c'); sum(A*r')",
         "r[i1 in 1:4] = -c[i1]; sum(sum(A[i1, i2]*r[i2] for i2 in 1:4) for i1 in 1:3)"),
        # what would be computed again and again is a part of its own
        ("norm(B*(B*x))", "(B*x)[i1 in 1:4] = sum(B[i1, i2]*x[i2] for i2 in 1:4); "
         "norm(sum(B[i1, i2]*(B*x)[i2] for i2 in 1:4) for i1 in 1:4)"),
        ("norm(A*tanh(c))", "(tanh(c))[i1 in 1:4] = tanh(c[i1]); "
         "norm(sum(A[i1, i2]*(tanh(c))[i2] for i2 in 1:4) for i1 in 1:3)"),
        ("sum(A .+ exp(c'))",
         "(exp(c'))[i1 in 1:4] = exp(c[i1]); "
         "sum(A[i1, i2] + (exp(c'))[i2] for i1 in 1:3, i2 in 1:4)"),
        ("norm(A*c) + sum(A*c)",
         "(A*c)[i1 in 1:3] = sum(A[i1, i2]*c[i2] for i2 in 1:4); "
         "norm((A*c)[i1] for i1 in 1:3) + sum((A*c)[i1] for i1 in 1:3)"),
        ("sum(dot(A[i], tanh(B*(i*c))) for i in 1:3)",
         "sum(sum(A[i, i1]*tanh(i*sum(B[i1, i2]*c[i2] for i2 in 1:4)) for i1 in 1:4) "
         "for i in 1:3)"),
        ("sum(dot(c, B*tanh(A[i])) for i in 1:3)",
         "(tanh(A[i]))[i in 1:3, i1 in 1:4] = tanh(A[i, i1]); "
         "sum(sum(c[i1]*sum(B[i1, i2]*(tanh(A[i]))[i, i2] for i2 in 1:4) for i1 in 1:4) "
         "for i in 1:3)"),
        ("f(W[5, 3], V[6, 5], v[6]) = h[i] = dot(v, V*tanh(W*X[i])); norm(h - y)",
         "f(W[5, 3], V[6, 5], v[6]) = (tanh(W*X[i]))[i in 1:100, i1 in 1:5] = "
         "tanh(sum(W[i1, i2]*X[i, i2] for i2 in 1:3)); "
         "h[i] = sum(v[i1]*sum(V[i1, i2]*(tanh(W*X[i]))[i, i2] for i2 in 1:5) for i1 in 1:6); "
         "norm(h[i1] - y[i1] for i1 in 1:100)"),
        ("y2 = A*x; norm(A*x - b) + sum(y2)",  # which has its part already
         "y2[i1 in 1:3] = sum(A[i1, i2]*x[i2] for i2 in 1:4); "
         "norm(y2[i1] - b[i1] for i1 in 1:3) + sum(y2[i1] for i1 in 1:3)"),
        # but not where no box holds it, nor what a recurrence has not got yet
        ("u[1, i in 1:4] = c[i]; u[t in 2:9, i in 1:4] = dot(B[i], tanh(u[t-1])); norm(u[9])",
         "u[1, i in 1:4] = c[i]; "
         "u[t in 2:9, i in 1:4] = sum(B[i, i1]*tanh(u[t-1, i1]) for i1 in 1:4); "
         "norm(u[9, i1] for i1 in 1:4)"),
        ("sum(dot(c, B*tanh(j*c)) for i in 1:3, j in 1:i)",
         "sum(sum(c[i1]*sum(B[i1, i2]*tanh(j*c[i2]) for i2 in 1:4) for i1 in 1:4) "
         "for i in 1:3, j in 1:i)"),
        # names of its own are new
        ("sum(i1*b + i2*b)", None),
        ("sum(A[1, 1]*b for i in 1:0)", None),
    ],
)  # fmt: skip
def test_an_elaboration_has_entries_and_loops(text: str, entries: str | None) -> None:
    if entries is None:
        with pytest.raises(ExpressionError):
            elaboration(text)
        return
    assert str(elaboration(text).entries) == entries
    assert str(elaboration(text).written) == str(parse(text, ARITIES))


def test_indices_of_its_own_have_names_that_the_text_has_not() -> None:
    found = elaboration("f(i1) = sum(i1*A[2])")
    assert str(found.entries) == "f(i1) = sum(i1*A[2, i_1] for i_1 in 1:4)"


def test_a_node_has_the_place_and_the_formula_that_it_was_made_of() -> None:
    text = "norm(A*x - b)^2 + sum(tanh(A*x))"
    found = elaboration(text)
    formulas = {found.formula(position) for position in range(len(found.nodes))}
    assert formulas == {"A", "x", "b", "2", "A*x", "A*x - b", "norm(A*x - b)", "norm(A*x - b)^2",
                        "tanh(A*x)", "sum(tanh(A*x))", text}  # fmt: skip
    for position in range(len(found.nodes)):
        assert str(parse(found.source(position), ARITIES)) == found.formula(position)


@pytest.mark.parametrize(
    ("text", "order"),
    [
        ("sum(A*B*C)", "A*(B*C)"),
        ("sum(A*B*c)", "A*(B*c)"),
        ("sum(b'*A*B)", "(b'*A)*B"),
        ("sum(L*M*M')", "(L*M)*M'"),
        ("sum(M'*M*M')", "(M'*M)*M'"),
        ("sum(M*M'*M*z)", "M*(M'*(M*z))"),
        ("sum(B*B*B)", "(B*B)*B"),  # of equal ones from the left
        ("sum(B*(B*(B*B)))", "((B*B)*B)*B"),
        ("sum(2*A*3*B*c/7)", "A*(B*c)"),
    ],
)
def test_a_chain_multiplies_in_the_order_of_fewest_multiplications(text: str, order: str) -> None:
    found = elaboration(text)
    parts = {part.name[1:-1] for part in found.definitions}
    pieces = {order[place + 1 : _closing(order, place)] for place, sign in enumerate(order) if
              sign == "("}  # fmt: skip
    assert parts == {piece.replace("(", "").replace(")", "") for piece in pieces}


def _closing(text: str, place: int) -> int:
    depth = 0
    for end in range(place, len(text)):
        depth += (text[end] == "(") - (text[end] == ")")
        if depth == 0:
            return end
    return len(text)


@pytest.mark.parametrize("count", [3, 99, 100, 101, pytest.param(2000, marks=pytest.mark.full)])
def test_a_long_chain_has_an_order_too(count: int) -> None:
    found = elaboration(f"sum({'*'.join(['B'] * count)}*c)")
    assert len(found.definitions) == count - 1
    assert all(len(part.subscripts) == 1 for part in found.definitions)  # no product of matrices


SPELLINGS = [
    ("A + 1", "A is 3 by 4, and 1 is a number: write A .+ 1 for each entry"),
    ("A*x - c[1]", "A*x is a vector of 3, and c[1] is a number: write A*x .- c[1] for each entry"),
    ("1 + A*x", "1 is a number, and A*x is a vector of 3: write 1 .+ A*x for each entry"),
    ("1 - (b - b)", "1 is a number, and b - b is a vector of 3: write 1 .- (b - b) for each entry"),
    ("2 - b", "2 is a number, and b is a vector of 3: write 2 .- b for each entry"),
    ("A + B", "A is 3 by 4, and B is 4 by 4: the two must have one shape"),
    ("b + c", "b is a vector of 3, and c is a vector of 4: the two must have one shape"),
    ("A + b", "A is 3 by 4, and b is a vector of 3: write A .+ b for each entry"),
    ("X*b + c'", "X*b is a vector of 100, and c' is 1 by 4: one is a row, the other a column; "
     "write X*b .+ c' for each entry of a matrix"),
    ("A .+ b'", "A is 3 by 4, and b' is 1 by 3: entry by entry they do not fit"),
    ("A/B", "A is 3 by 4, and B is 4 by 4: write A ./ B for each entry; the solution of B*x = A "
     "is where norm(B*x - A) is 0"),
    ("2/B", "2 is a number, and B is 4 by 4: arrays have no inverse here; 2 ./ B is one number by "
     "each entry"),
    ("2/b", "2 is a number, and b is a vector of 3: write 2 ./ b for each entry"),
    ("A^2", "A is 3 by 4, and 2 is a number: write A'*A or A.^2"),
    ("B^2", "B is 4 by 4, and 2 is a number: write B*B or B.^2"),
    ("b^2", "b is a vector of 3, and 2 is a number: write b'*b or b.^2"),
    ("B^-1", "B is 4 by 4, and -1 is a number: write B .^ (-1) for each entry; arrays have no "
     "inverse here"),
    ("B^3", "B is 4 by 4, and 3 is a number: write B .^ 3 for each entry"),
    ("2^b", "2 is a number, and b is a vector of 3: write 2 .^ b for each entry"),
    ("max(A, A)", "A is 3 by 4, and A is 3 by 4: max takes numbers; write "
     "h[i,j] = max(A[i,j], A[i,j]); as a part"),
    ("atan2(b, 1)", "b is a vector of 3, and 1 is a number: atan2 takes numbers; write "
     "h[i] = atan2(b[i], 1); as a part"),
    ("ifelse(1 < 2, b, 0)", "b is a vector of 3, and 0 is a number: ifelse takes numbers; write "
     "h[i] = ifelse(a < b, b[i], 0); as a part"),
    ("ifelse(b < 2, 1, 0)", "b is a vector of 3, and a side of a comparison is one number; "
     "write one of its entries, such as b[1]"),
    ("A*b", "A is 3 by 4, and b is a vector of 3: the 4 columns on the left are not the 3 rows on "
     "the right; did you mean A'*b?"),
    ("A'*c", "A' is 4 by 3, and c is a vector of 4: the 3 columns on the left are not the 4 rows "
     "on the right; did you mean A*c?"),
    ("A*A", "A is 3 by 4, and A is 3 by 4: the 4 columns on the left are not the 3 rows on the "
     "right; did you mean A'*A?"),
    ("C*B", "C is 4 by 2, and B is 4 by 4: the 2 columns on the left are not the 4 rows on the "
     "right; did you mean C'*B?"),
    ("c*B", "c is a vector of 4, and B is 4 by 4: a vector is a column; write c'*B"),
    ("b*b", "b is a vector of 3, and b is a vector of 3: write dot(b, b) or b'*b, or b .* b by "
     "entry"),
    ("b·b", "b is a vector of 3, and b is a vector of 3: write dot(b, b) or b'*b, or b .* b by "
     "entry"),
    ("b×b", "b is a vector of 3, and b is a vector of 3: a cross product is written by its "
     "components, as a[2]*b[3] - a[3]*b[2]; a dot product is dot(b, b)"),
    ("b*c", "b is a vector of 3, and c is a vector of 4: two columns; for all products write "
     "b*c'"),
    ("A[1]*c", "A[1] is a vector of 4, and c is a vector of 4: write dot(A[1], c) or A[1]'*c, or "
     "A[1] .* c by entry"),
    ("dot(b, c)", "b is a vector of 3, and c is a vector of 4: dot takes two vectors of one "
     "length"),
    ("dot(A, A)", "A is 3 by 4, and A is 3 by 4: dot takes two vectors; of matrices write "
     "sum(A .* A)"),
    ("dot(b, 2)", "b is a vector of 3, and 2 is a number: dot takes two vectors of one length"),
    ("T*b", "T is 2 by 3 by 4, and b is a vector of 3: only vectors and matrices are multiplied"),
    ("T'", "T is 2 by 3 by 4: only vectors and matrices have a transpose"),
    ("A*x", "A*x is a vector of 3, and the value of a function is one number; "
     "write sum(...), norm(...) or dot(..., ...) of it"),
    ("sum(A*c for i in 1:3)", "A*c is a vector of 3, and the body of sum is one number; "
     "write sum(...), norm(...) or dot(..., ...) of it"),
    ("h[i in 1:3] = A[i]; h[1]", "A[i] is a vector of 4, and an entry of an array part is one "
     "number; write sum(...), norm(...) or dot(..., ...) of it"),
    ("sum(z[i]*b for i in 1:3)", "z[i]*b is a vector of 3, and the body of sum is one number; "
     "write sum(...), norm(...) or dot(..., ...) of it"),
    ("2'", None),
    ("2*b[1]'", "`'` is the transpose of an array, and b[1] is a number; a derivative is written "
     "as its own formula"),
    ("sum(2)", "sum needs the range of an index: `sum(x[i]^2 for i in 1:n)`, or an array, and 2 is "
     "a number"),
    ("mean(b[1] + 1)", "mean needs the range of an index: `mean(x[i]^2 for i in 1:n)`, or an "
     "array, and b[1] + 1 is a number"),
    ("norm(2*b[1])", "norm takes arrays, and 2*b[1] is a number; of entries write "
     "sqrt(sum(x[i]^2 for i in 1:n))"),
    ("dot(Q[1], b)", "Q[1] is a number, and b is a vector of 3: dot takes two vectors of one "
     "length; Q[1] is a row where that is declared: `f(Q[m, n]) = ...`"),
    ("dot(b[1], 2)", "dot takes arrays, and b[1] is a number; of entries write "
     "sum(x[i]*y[i] for i in 1:n)"),
]  # fmt: skip
UNKNOWN = [
    ("sum(x)", "the shape of `x` is not known here; declare it: `f(x[n]) = ...` for an array"),
    ("logsumexp(x)", "the shape of `x` is not known here; declare it: `f(x[n]) = ...` for an "
     "array"),
    ("x'*x", "`'` is a transpose; the shape of `x` is not known here; declare it: `f(x[n]) = ...` "
     "for an array"),
    ("f(W[2, 3], x[3]) = sum(Wx)", "`Wx` is one name, write W*x for a product; the shape of `Wx`"),
    ("norm(x - b)", "the shape of `x` is not known here; declare it: `f(x[3]) = ...` for an array, "
     "`f(x) = ...` for a number"),
    ("sum(X*w .+ q)", "the shape of `q` is not known here; declare it: `f(q[100], w[3]) = ...` for "
     "an array, `f(q, w[3]) = ...` for a number"),
    ("sum(s*A)", "the shape of `s` is not known here; declare it: `f(s[3, 4]) = ...` for an array, "
     "`f(s) = ...` for a number"),
    ("norm(exp(p)*b - q)", "the shape of `p` is not known here; declare it: `f(p[3], q) = ...` for "
     "an array, `f(p, q) = ...` for a number"),
    ("v = 2*p; sum(v*b)", "the shape of `p` is not known here; declare it: `f(p[3]) = ...` for an "
     "array, `f(p) = ...` for a number"),
    ("sum(b .* z) + z[1]", "the shape of `z` is not known here; declare it: `f(z[3]) = ...` for an "
     "array"),
    ("f(U[m, 2], V[n, 2]) = norm(R - U*V')", "the shape of `R` is not known here; declare it: "
     "`f(U[m, 2], V[n, 2], R[m, n]) = ...` for an array"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "sentence"), SPELLINGS)
def test_what_has_no_meaning_is_refused_with_the_shapes_and_what_to_write(
    text: str, sentence: str | None
) -> None:
    with pytest.raises(ExpressionError) as caught:
        elaboration(text)
    if sentence is not None:
        assert caught.value.message == sentence
    assert caught.value.span is not None
    assert "^" in str(caught.value)


@pytest.mark.parametrize(("text", "sentence"), UNKNOWN)
def test_a_name_of_unknown_shape_is_refused_with_the_header_to_write(
    text: str, sentence: str
) -> None:
    with pytest.raises(ExpressionError) as caught:
        elaboration(text)
    assert caught.value.message.startswith(sentence)
    assert caught.value.span is not None
