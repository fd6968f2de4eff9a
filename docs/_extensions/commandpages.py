"""`{commands}`: what `--help` says of every command, as sections of a page.

Click writes help by telling a formatter what comes next. The one here keeps that as nodes of the page, in the place of
lines for a terminal, so nothing about a command is said twice.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from typing import Any

import click
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from grader.cli.commands import commands

AS_IT_IS = "\b"  # Click: the lines of this paragraph are not to be wrapped


class NodeFormatter(click.HelpFormatter):
    """Keeps the help of a command as nodes."""

    def __init__(self) -> None:
        super().__init__()
        self.nodes: list[nodes.Node] = []

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        """Keep how the command is called."""
        self.nodes.append(_literal(f"{prog} {args}"))

    def write_heading(self, heading: str) -> None:
        """Keep what the next list is about."""
        self.nodes.append(nodes.rubric(text=heading))

    def write_text(self, text: str) -> None:
        """Keep paragraphs."""
        for paragraph in textwrap.dedent(text).strip().split("\n\n"):
            lines = paragraph.splitlines()
            if lines[0].strip() == AS_IT_IS:
                self.nodes.append(_literal(textwrap.dedent("\n".join(lines[1:]))))
            else:
                self.nodes.append(_paragraph(" ".join(lines)))

    def write_dl(self, rows: Sequence[tuple[str, str]], col_max: int = 30, col_spacing: int = 2) -> None:
        """Keep options or commands with what is said of them."""
        self.nodes.append(nodes.definition_list("", *(_item(term, text) for term, text in rows)))


class Commands(SphinxDirective):
    """One section for each command, those of a group within the group's."""

    def run(self) -> list[nodes.Node]:
        """Return the sections, the command without a name first."""
        whole = click.Context(commands, info_name="grade")
        return [self._section(whole, []), *self._below(whole)]

    def _below(self, context: click.Context) -> Iterator[nodes.section]:
        group: Any = context.command
        for name, command in sorted(group.commands.items()):
            if command.hidden:
                continue
            inner = click.Context(command, info_name=name, parent=context)
            yield self._section(inner, list(self._below(inner)) if isinstance(command, click.Group) else [])

    def _section(self, context: click.Context, below: list[nodes.section]) -> nodes.section:
        formatter = NodeFormatter()
        context.command.format_help(context, formatter)
        name = context.command_path
        section = nodes.section(
            "", nodes.title(text=name), *formatter.nodes, *below, names=[nodes.fully_normalize_name(name)]
        )
        self.state.document.note_implicit_target(section, section)
        return section


def _paragraph(text: str) -> nodes.paragraph:
    """Return a paragraph; what stands between backticks is code."""
    parts = enumerate(text.split("`"))
    return nodes.paragraph("", "", *(nodes.literal(text=part) if odd % 2 else nodes.Text(part) for odd, part in parts))


def _literal(text: str) -> nodes.literal_block:
    return nodes.literal_block(text, text, language="text")


def _item(term: str, text: str) -> nodes.definition_list_item:
    said = nodes.definition("", _paragraph(text))
    return nodes.definition_list_item("", nodes.term("", "", nodes.literal(text=term)), said)


def setup(app: Sphinx) -> dict[str, bool]:
    """Make the directive known; its page is made anew each time, since commands are no file of the site."""
    app.add_directive("commands", Commands)
    app.connect("env-get-outdated", lambda *_: ["commands"])
    return {"parallel_read_safe": True, "parallel_write_safe": True}
