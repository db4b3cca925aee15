"""The command line: click for the arguments, rich for the table, httpx for the network."""

import click
import httpx
from rich.console import Console
from rich.table import Table

from terminal.meals import MEALS


class StationOrCommand(click.Group):
    """`terminal Tokyo` is short for `terminal menu Tokyo`."""

    def resolve_command(self, ctx, args):
        if args and args[0] not in self.commands:
            args = ["menu", *args]
        return super().resolve_command(ctx, args)


@click.group(cls=StationOrCommand)
@click.version_option(package_name="terminal")
def main():
    """Which boxed meal to buy at which station."""


@main.command()
@click.argument("station")
def menu(station):
    """List the meals that are sold at STATION."""
    meals = MEALS.get(station.title())
    if meals is None:
        raise click.BadParameter(f"nothing known about {station}; try {', '.join(MEALS)}", param_hint="STATION")
    table = Table(title=f"Ekiben at {station.title()} station")
    table.add_column("Meal", style="bold")
    table.add_column("Inside")
    table.add_column("Price", justify="right", style="green")
    for meal in meals:
        table.add_row(meal.name, meal.inside, f"¥{meal.yen:,}")
    Console().print(table)


@main.command()
@click.argument("url")
def get(url):
    """Fetch URL and say what came."""
    try:
        response = httpx.get(url, timeout=20, trust_env=False)
    except httpx.HTTPError as error:
        raise click.ClickException(f"could not fetch {url}: {error}") from error
    console = Console()
    console.print(f"{response.status_code} {response.reason_phrase}, {len(response.content)} bytes")
    console.print(response.text, markup=False, highlight=False)
