from __future__ import annotations

from gdcli.functions.function import Function
from gdcli.report.stages.instructions import InstructionObjects


def test_instructions_name_their_operands_and_their_place() -> None:
    function = Function("2*sin(x)")
    found = InstructionObjects(function.tape, function.expression, {0: 1.0}).region(
        function.tape.body
    )
    by_result = {one["result"]: one for one in found}
    assert by_result[0]["variable"] == "x"
    assert by_result[0]["value"] == 1.0
    [sine] = [one for one in found if one.get("primitive") == "sin"]
    assert (sine["operands"], sine["text"], sine["span"]) == ((0,), "sin(x)", [2, 8])
    assert {one["constant"] for one in found if one["operation"] == "constant"} == {"2"}


def test_a_branch_holds_both_regions() -> None:
    function = Function("ifelse(x < 0, -x, x^2)")
    [branch] = [
        one
        for one in InstructionObjects(function.tape, function.expression).region(function.tape.body)
        if one["operation"] == "branch"
    ]
    assert branch["comparison"] == "<"
    made = [[one["primitive"] for one in r["instructions"]] for r in branch["regions"]]
    assert made == [["unary-minus"], ["pow-integer"]]
