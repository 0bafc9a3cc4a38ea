"""Foreign words: what other tools call our options and commands, and what is written here.

A row has what may be meant, the most likely first: of an option an option that the command has, of
a command what stands after `gdcli`. Names are looked up in lower case, with hyphens for `_`. An
option of another command is foreign to a command too.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from gdcli.errors import brief

FOREIGN_OPTIONS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("--lr", "--learning-rate", "--step-size", "--stepsize", "--rate", "--eta",
                     "--gamma"), ("--alpha",)),
    **dict.fromkeys(("--tol", "--eps", "--epsilon", "--gtol", "--atol", "--rtol",
                     "--threshold", "--accuracy"), ("--tolerance",)),
    **dict.fromkeys(("--iter", "--iters", "--iterations", "--max-iter", "--max-iters", "--maxiter",
                     "--maxit", "--nit", "--niter", "--steps", "--max-steps", "--epochs",
                     "-n"), ("--max-iterations",)),
    **dict.fromkeys(("--maxfev", "--maxfun", "--max-evals", "--evaluations", "--nfev"),
                    ("--max-evaluations",)),
    **dict.fromkeys(("--x0", "--p0", "--init", "--initial", "--guess", "--initial-guess", "--begin",
                     "--start-point"), ("--start", "--at")),
    **dict.fromkeys(("--point", "--where", "--x"), ("--at", "--start")),
    **dict.fromkeys(("--precision", "--prec", "--dps"), ("--digits",)),
    **dict.fromkeys(("--algorithm", "--solver", "--optimizer", "--optimiser", "--algo"),
                    ("--method",)),
    **dict.fromkeys(("--line-search", "--linesearch", "--search"), ("--alpha",)),
    **dict.fromkeys(("--bounds", "--box", "--lower", "--upper", "--lb", "--ub", "--constraint",
                     "--constraints"), ("--bound",)),
    **dict.fromkeys(("--maximise", "--max", "--ascent", "--argmax"), ("--maximize",)),
    **dict.fromkeys(("--timeout", "--time", "--time-limit", "--max-seconds", "--max-cpu-time",
                     "--maxtime"), ("--max-time",)),
    **dict.fromkeys(("--stop", "--stop-if", "--until", "--target", "--stop-val", "--stopval",
                     "--f-target"), ('--stop-when "f < 1e-6"',)),
    **dict.fromkeys(("--ftol", "--fatol", "--ftol-rel", "--ftol-abs", "--min-delta"),
                    ('--stop-when "abs(df) < 1e-9"',)),
    **dict.fromkeys(("--xtol", "--xatol", "--xrtol", "--xtol-rel", "--xtol-abs"),
                    ('--stop-when "dx < 1e-9"',)),
    **dict.fromkeys(("--random-state", "--random-seed", "--rng"), ("--seed",)),
    **dict.fromkeys(("--param", "--params", "--parameter", "--define", "--let", "--const"),
                    ("--set",)),
    **dict.fromkeys(("--n", "--dim", "--dimension"), ("--size",)),
    **dict.fromkeys(("--input", "--table", "--csv-file", "--data-file"), ("--data",)),
    **dict.fromkeys(("--json",), ("--format json",)),
    **{f"--{form}": (f"--format {form}",) for form in ("jsonl", "csv", "plain")},
    **dict.fromkeys(("--fmt", "--output-format", "-f"), ("--format",)),
    **dict.fromkeys(("--output-file", "--out", "--outfile", "--save", "--file"), ("--output",)),
    **dict.fromkeys(("--silent", "--no-notes"), ("--quiet",)),
    **dict.fromkeys(("--verbose", "--details", "-v"), ("--explain",)),
    **dict.fromkeys(("--no-color", "--no-colour", "--nocolor"), ("--color never",)),
    **dict.fromkeys(("--history", "--path"), ("--trace",)),
    **dict.fromkeys(("--figure", "--draw", "--picture", "--chart"), ("--plot",)),
    **dict.fromkeys(("--jac", "--jacobian", "--differentiation", "--grad"),
                    ("--derivative", "--gradient")),
    **dict.fromkeys(("--hess",), ("--hessian",)),
    **dict.fromkeys(("--formula", "--formulas", "--latex"), ("--symbolic",)),
    **dict.fromkeys(("--engine", "--device"), ("--backend",)),
    **dict.fromkeys(("--xlim", "--ylim", "--range", "--limits"), ("--window",)),
    **dict.fromkeys(("--yerr", "--yerror", "--error", "--errors", "--std", "--stddev", "--sd",
                     "--uncertainty"), ("--sigma",)),
    **dict.fromkeys(("--filter", "--query", "--select", "--subset", "--if"), ("--where",)),
    **dict.fromkeys(("--dropna", "--drop-missing", "--na-omit"), ("--missing drop",)),
    **dict.fromkeys(("--na", "--nan", "--nan-policy", "--na-action"), ("--missing",)),
    **dict.fromkeys(("--confidence", "--conf", "--conf-level", "--ci"), ("--level",)),
    **dict.fromkeys(("--ridge", "--lambda", "--penalty", "--regularization",
                     "--weight-decay"), ("--l2",)),
    **dict.fromkeys(("--fix", "--fixed", "--hold"), ("--set",)),
    **dict.fromkeys(("--family", "--criterion", "--objective"), ("--loss",)),
    **dict.fromkeys(("--usage", "--man"), ("--help",)),
}  # fmt: skip
SIBLING_OPTIONS = {  # of other commands, and the option of this one that takes the same value
    **{("minimize", "--at"): "--start", ("fit", "--at"): "--start"},
    **{("plot", "--plot"): "--output"},
    **{(name, "--data"): "as the second argument:" for name in ("fit", "predict")},
    **{(name, "--start"): "--at" for name in ("eval", "grad", "show", "compare", "check")},
}
LATER_OPTIONS = (  # in the contract, not built yet
    "--multistart", "--jobs", "--checkpoint",
)  # fmt: skip
TRAINING_OPTIONS = ("--batch", "--epochs", "--hold-out", "--patience")  # of fit, later
FOREIGN_ENDINGS = (  # of files in formats that no command writes
    *(".npy", ".npz", ".mat", ".h5", ".hdf5", ".nc", ".pkl", ".pickle", ".feather", ".arrow"),
    *(".tsv", ".xls", ".xlsx", ".ods", ".ndjson", ".yaml", ".yml", ".toml", ".xml", ".ipynb"),
    *(".tex", ".docx", ".odt", ".rtf", ".ps", ".eps", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff"),
    *(".webp", ".mp4", ".webm", ".mov", ".avi"),
)
FOREIGN_COMMANDS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("gradient", "diff", "differentiate", "derivative", "derive", "d",
                     "jacobian"), ("grad",)),
    **dict.fromkeys(("hessian", "hess"), ("grad --hessian",)),
    **dict.fromkeys(("optimize", "optimise", "solve", "min", "argmin", "fmin", "descend",
                     "descent", "run"), ("minimize",)),
    **dict.fromkeys(("evaluate", "value", "calc", "compute"), ("eval", "grad")),
    **dict.fromkeys(("draw", "graph", "visualize", "visualise", "surface", "contour"), ("plot",)),
    **dict.fromkeys(("trace", "tape", "ast", "tree", "source"), ("show",)),
    **dict.fromkeys(("test", "validate"), ("check",)),
    **dict.fromkeys(("prove", "proof", "verify", "global"), ("certify",)),
    **dict.fromkeys(("list", "ls", "library", "examples"), ("problems",)),
    **dict.fromkeys(("completions", "autocomplete"), ("completion",)),
    **dict.fromkeys(("help", "man", "docs", "usage"), ("--help",)),
    "version": ("--version",),
}  # fmt: skip
MAXIMIZING_COMMANDS = ("maximize", "maximise", "max", "argmax", "fmax")
LATER_COMMANDS = ("export",)  # in the contract, not built yet
MOST_ADVISED_VARIABLES = 6  # of a function, for a point of which there is room in the advice
PLAIN_MARKS = "-_./:"  # of names and paths, which a shell takes without quotation marks


def option_advice(name: str, known: Mapping[str, Collection[str]]) -> str:
    """The advice on an option that the command has not; "" where none is meant.

    `known` has the values of each option that the command has, empty where it takes others.
    """
    plain = name.lower().replace("_", "-")
    if plain in LATER_OPTIONS or (plain in TRAINING_OPTIONS and "--derive" in known):
        return "it is not built yet"
    names = [plain] if len(plain) < 3 else [plain, f"-{plain}"]  # as in `-alpha`
    for meant in [*names, *(one for name in names for one in FOREIGN_OPTIONS.get(name, ()))]:
        option, _, value = meant.partition(" ")
        if option in known and (not value or value in known[option] or value[0] == '"'):
            return f"write {meant}"
    return ""


def sibling_advice(
    name: str, value: str, command: str, known: Collection[str], owners: Mapping[str, Sequence[str]]
) -> str:
    """The advice on an option of other commands, or a mistyped one; "" where it is neither.

    `known` are the options of this command, and `command` is its name, empty before a command.
    `owners` has the commands that have an option, by each that this one has not. `value` is what
    stands after the option.
    """
    from gdcli.language.suggest import closest, distance

    if meant := SIBLING_OPTIONS.get((command, name)):
        return f"write {meant} {_quoted(value)}".rstrip()
    most = min(3, len(name) // 3) if name.startswith("--") else 0
    if near := closest(name, known, most):
        most = distance(name, near[0]) - 1
    for other in closest(name, owners, most):
        belongs = f"belongs to gdcli {', '.join(owners[other])}"
        where = f"it {belongs}" if command else f"it stands behind gdcli {owners[other][0]}"
        if other != name:
            return f"did you mean {other}? {where}"
        return where if command != "plot" else f"plot writes pictures, and {name} {belongs}"
    return f"did you mean {near[0]}?" if near else ""


def command_advice(name: str, rest: Sequence[str], commands: Mapping[str, str]) -> str:
    """The advice on a word that is none of the `commands`, with what follows it; "" for none."""
    plain = name.lower().replace("_", "-")
    if plain in MAXIMIZING_COMMANDS:
        text = next((one for one in rest if one[:2] != "--" and _function(one)), "x - x^2")
        return f'write gdcli minimize "{text}" --maximize'
    for meant in FOREIGN_COMMANDS.get(plain, ()):
        if meant == "--help" and rest and rest[0] in commands:
            return f"write gdcli {rest[0]} --help"
        if meant.startswith("-") or meant.partition(" ")[0] in commands:
            return f"write gdcli {meant}"
    return _advice_on_expression(name, rest)


def _advice_on_expression(name: str, rest: Sequence[str]) -> str:
    """The advice on a word that is an expression, or looks like one; "" for another word."""
    from gdcli.errors import LONGEST_WORD

    variables = _function(name) if len(name) <= LONGEST_WORD else None
    is_word = bool(name.strip(PLAIN_MARKS)) and all(
        character.isalnum() or character in PLAIN_MARKS for character in name
    )
    if variables is None:
        return "" if is_word else 'a function stands after a command: gdcli minimize "x^2 + y^2"'
    quoted = name if is_word else f'"{name}"'
    at = ",".join(f"{variable}=1" for variable in variables)
    grad = f"gdcli grad {quoted} --at {at}" if at else f"gdcli grad {quoted}"
    if "--at" in rest[:-1]:
        grad = f'gdcli grad {quoted} --at "{rest[rest.index("--at") + 1]}"'
        return f"write {grad}"
    minimize = f"gdcli minimize {quoted}"
    few = len(variables) <= MOST_ADVISED_VARIABLES
    return f"write {' or '.join([minimize] * bool(variables) + [grad] * few)}"


def _quoted(text: str) -> str:
    """The text as it is typed in a shell, in quotation marks where it is no plain word."""
    plain = all(letter.isalnum() or letter in f"{PLAIN_MARKS},=@" for letter in text)
    return brief(text) if plain else f'"{brief(text)}"'


def _function(text: str) -> tuple[str, ...] | None:
    """The variables of the function that the text writes or names; None where it is none."""
    from gdcli.errors import GdcliError
    from gdcli.library import lookup

    try:
        return lookup.function(text).variables
    except GdcliError:
        return None
