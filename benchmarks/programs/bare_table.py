"""The least a Typer program of two commands can do: print one rich table."""

import typer

app = typer.Typer(rich_markup_mode=None, pretty_exceptions_enable=False, add_completion=False)


@app.command()
def minimize(expression: str) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table("k", "x", "y", "f", title=expression)
    for k in range(4):
        table.add_row(str(k), "0.9", "0.8", "1.45")
    Console().print(table)


@app.command()
def grad(expression: str, at: str = "1,2") -> None:
    print(expression, at)


app()
