"""The verbs under the names that users type: in the code each is called `command`."""

from __future__ import annotations

from collections.abc import Iterator

import click


def named(group: click.Group, before: str) -> Iterator[str]:
    """Give every verb its name; yields what is typed, such as `spacebio-bench release folds`."""
    context = click.Context(group)
    for name in group.list_commands(context):
        verb = group.get_command(context, name)
        assert verb is not None
        verb.name = name
        yield f"{before} {name}"
        if isinstance(verb, click.Group):
            yield from named(verb, f"{before} {name}")
