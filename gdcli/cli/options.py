"""The option that gives each Setting: how the sentences of all layers speak to the command line."""

from __future__ import annotations

from gdcli.errors import FLAG, Setting

SETTING_OPTIONS = {
    **{"sizes": "--size", "parameters": "--set", "data": "--data", "columns": "--column"},
    **{"at": "--at", "along": "--along", "hessian": "--hessian", "digits": "--digits"},
    **{"step": "--step", "points": "--points", "start": "--start", "alpha": "--alpha"},
    **{"method": "--method", "escape": "--escape"},
    **{"stop_when": "--stop-when", "max_time": "--max-time"},
    **{"tolerance": "--tolerance", "max_iterations": "--max-iterations"},
    **{"max_evaluations": "--max-evaluations", "format": "--format", "output": "-o"},
    **{"stage": "--stage", "mode": "--mode", "after": "--pass", "gradient": "--gradient"},
    **{"kind": "--kind", "window": "--window", "slice": "--slice", "secant": "--secant"},
    **{"trace": "--from", "frames": "--frames", "unlimited": "--yes"},
    **{"bounds": "--bound", "keep": "--trace", "symbolic": "--symbolic"},
    **{"methods": "--methods", "vary": "--vary"},
    **{"gap": "--gap", "claim": "--claim", "max_boxes": "--max-boxes"},
    **{"sigma": "--sigma", "weights": "--weights", "where": "--where", "missing": "--missing"},
    **{"loss": "--loss", "l2": "--l2", "derive": "--derive", "level": "--level"},
    **{"intervals": "--intervals", "seed": "--seed"},
}


def as_option(setting: Setting) -> str:
    """The setting as it is typed: `--start`, `--alpha auto`, `--size n=100`, `--data A`."""
    option, value = SETTING_OPTIONS[setting.name], setting.value.removeprefix(FLAG)
    entries = setting.entries or ("",)
    between = "=" if setting.entries and value else ""
    texts = (f"{entry}{between}{value}" for entry in entries)
    return " ".join(f"{option} {text}" if text else option for text in texts)
