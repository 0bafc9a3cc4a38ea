"""The least a Typer program of two commands can do: print one line of JSON."""

import json

import typer

app = typer.Typer(rich_markup_mode=None, pretty_exceptions_enable=False, add_completion=False)


@app.command()
def minimize(expression: str, format: str = "json") -> None:
    print(json.dumps({"expression": expression, "format": format}))


@app.command()
def grad(expression: str, at: str = "1,2") -> None:
    print(json.dumps({"expression": expression, "at": at}))


app()
