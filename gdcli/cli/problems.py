"""`gdcli problems`: list the library of named functions or its tags, show one, verify minima."""

from __future__ import annotations

from collections import Counter
from typing import Any

from gdcli.cli.command import Argument, Command, Option
from gdcli.cli.common import common_params
from gdcli.cli.output import Output
from gdcli.errors import UnknownProblemError, UsageError, brief, interruption, listed
from gdcli.functions.problem import Problem
from gdcli.language.suggest import closest
from gdcli.library import lookup
from gdcli.library.verification import Check, checks_of, verify, with_other_sizes
from gdcli.report.formats import Format, offering

EXAMPLES = (
    "gdcli problems list --tag lecture",
    "gdcli problems show five-well",
    "gdcli problems verify rosenbrock",
)
ACTIONS = {  # what each writes
    "list": "problems",
    "show": "problems_in_full",
    "verify": "verify",
    "tags": "tags",
}


def run(
    action: str | None,
    name: str | None,
    tag: str | None,
    proved: bool,
    form: Format,
    **common: Any,
) -> int:
    action = action or "list"
    if action not in ACTIONS and name is None:  # gdcli problems NAME
        action, name = "show", named(action)
    refuse_what_means_nothing(action, name, tag, form)
    if proved and action != "verify":
        raise UsageError("--proved goes with verify")
    with Output(**common) as output:
        writers = form.of_answers(f"problems-{action}").writers()
        found = tagged(chosen(name), tag)
        if action == "tags":
            counts = Counter(sorted(word for one in found for word in one.tags))
            output.write(writers.tags(counts, output.screen))
            return 0
        if action == "verify":
            checks = [check for one in found for check in verify(one)] if not proved else []
            status = prove(found, checks, output) if proved else 0
            output.write(writers.verify(checks, output.screen))
            return status or (0 if all(map(is_right, checks)) else 1)
        write = writers.problems if action == "list" else writers.problems_in_full
        output.write(write(found, output.screen))
        return 0


def is_right(check: Check) -> bool:
    """Whether a stated point is what it is said to be, and proved to be where that was asked."""
    return check.holds and (check.proof is None or check.proof.status == "proved")


def prove(found: list[Problem], checks: list[Check], output: Output) -> int:
    """Add those of the problems, with proofs, to `checks`; returns 130 after Ctrl-C, else 0."""
    from gdcli.proofs.stated_points import proved_checks

    progress = name = None
    if output.shows_progress(streams=False):
        from gdcli.cli.progress import Progress, search_words

        progress = Progress(lambda state: f"{name}: {search_words(state)}")
    try:
        for one in (other for problem in found for other in with_other_sizes(problem)):
            name = one.name
            checks.extend(proved_checks(one, checks_of(one), progress))
    except KeyboardInterrupt as interrupt:
        output.note(f"{interruption(interrupt)} at {name}; what was done before is told")
        return 130
    finally:
        if progress is not None:
            progress.clear()
    return 0


def named(word: str) -> str:
    """The word, a problem's name or a file. Raises UsageError for an action mistyped."""
    if not word.endswith(".toml"):
        try:
            lookup.problem(word)
        except UnknownProblemError:
            if closest(word, ACTIONS):
                raise unknown_action(word) from None
            raise
    return word


def unknown_action(word: str) -> UsageError:
    near = closest(word, ACTIONS)
    hint = f"; did you mean {near[0]}?" if near else ""
    known = "tags, list, show NAME or verify"
    return UsageError(f"gdcli problems does {known}, not `{brief(word)}`{hint}")


def refuse_what_means_nothing(action: str, name: str | None, tag: str | None, form: Format) -> None:
    if action not in ACTIONS:
        raise unknown_action(action)
    if action == "show" and name is None:
        raise UsageError("show which problem? gdcli problems list names them")
    if action == "list" and name is not None:
        raise UsageError(f"list takes no name; gdcli problems show {brief(name)}")
    if action in ("show", "tags") and tag is not None:
        raise UsageError("--tag goes with list and verify")
    if ACTIONS[action] not in form.offers:
        offered = ", ".join(offering(ACTIONS[action]))
        raise UsageError(f"gdcli problems {action} writes {offered}, not {form.name}")


def chosen(name: str | None) -> list[Problem]:
    """The problem of that name, the problems of that file, or without a name the whole library."""
    if name is None:
        return lookup.problems()
    if name.endswith(".toml"):
        return list(lookup.load(name).values())
    return [lookup.problem(name)]


def tagged(found: list[Problem], tag: str | None) -> list[Problem]:
    """The problems that have the tag, or all where it is None. Raises UsageError where none has."""
    if tag is None:
        return found
    chosen = [one for one in found if tag in one.tags]
    if not chosen:
        known = sorted({name for one in found for name in one.tags})
        near = closest(tag, known)
        hint = f"did you mean {near[0]}? " if near else ""
        raise UsageError(
            f"no problem has the tag `{brief(tag)}`; {hint}the tags are {listed(known)}"
        )
    return chosen


COMMAND = Command(
    "problems",
    run,
    [
        Argument("action", help="list, [show] NAME, verify [NAME] or tags", choices=tuple(ACTIONS)),
        Argument("name", help="a problem's name or a .toml file"),
        Option("--tag", metavar="TAG", help="only those with this tag"),
        Option("--proved", flag=True,
               help="verify: is each point proved, and the lowest of each window?"),
        *common_params(*ACTIONS.values()),
    ],
    help="The library of named functions: list (the default), show NAME, verify, tags.",
    examples=EXAMPLES,
    headings={"Answer": "--tag --proved --format --output --quiet"},
)  # fmt: skip
