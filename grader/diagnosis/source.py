"""The submitted source, read for the student's own lines. Verdicts never come from here: evidence decides."""

import ast
import re
import warnings
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

PROGRAM = "producer.py"
SHOWN_CHARACTERS = 90
# A host alone is an address, too: clients add the port 9092.
ADDRESS = re.compile(r"^(?:(?:\w+://)?[\w.-]+:\d{2,5}|localhost)$")


@dataclass(frozen=True, slots=True)
class Place:
    """A line of a submitted file."""

    file: str
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.number}: `{self.shown}`" if self.text else self.number

    @property
    def number(self) -> str:
        """Where the line is, without its text."""
        return f"line {self.line} of `{self.file}`"

    @property
    def shown(self) -> str:
        """The line's text, shortened."""
        too_long = len(self.text) > SHOWN_CHARACTERS
        return f"{self.text[: SHOWN_CHARACTERS - 1]}…" if too_long else self.text


@dataclass(frozen=True, slots=True)
class Call:
    """A call in a submitted file.

    Attributes:
        name: What is called, without what stands before its last dot.
    """

    name: str
    place: Place
    node: ast.Call

    def keyword(self, *names: str) -> object:
        """Return the literal given under one of these names; None where there is none."""
        for each in self.node.keywords:
            if each.arg in names and isinstance(each.value, ast.Constant):
                return each.value.value
        return None

    def has(self, name: str) -> bool:
        """Whether an argument of this name is given."""
        return any(each.arg == name for each in self.node.keywords)

    def first(self) -> object:
        """Return the first argument, where it is a literal."""
        return self.argument(0)

    def argument(self, at: int) -> object:
        """Return the argument at a place, counted from 0, where it is a literal."""
        given = self.node.args[at] if len(self.node.args) > at else None
        return given.value if isinstance(given, ast.Constant) else None


@dataclass(frozen=True)
class Source:
    """The Python files of a submission.

    Attributes:
        files: The submitted files by name, as bytes.
    """

    files: Mapping[str, bytes]

    @cached_property
    def trees(self) -> Mapping[str, ast.Module]:
        """The syntax trees of the files that can be parsed, `producer.py` first."""
        names = sorted((name for name in self.files if name.endswith(".py")), key=lambda n: (n != PROGRAM, n))
        parsed = ((name, _parsed(self.files[name])) for name in names)
        return {name: tree for name, tree in parsed if tree is not None}

    def place(self, file: str, line: int) -> Place:
        """Return a line with its text."""
        lines = self.files.get(file, b"").decode("utf-8", "replace").splitlines()
        return Place(file, line, lines[line - 1].strip() if 0 < line <= len(lines) else "")

    def nodes(self) -> Iterator[tuple[str, ast.AST]]:
        """Yield every node with its file."""
        for file, tree in self.trees.items():
            for node in ast.walk(tree):
                yield file, node

    def calls(self, *names: str) -> Iterator[Call]:
        """Yield the calls of these names, from the top of each file."""
        return (each for each in self.every_call() if each.name in names)

    def every_call(self) -> Iterator[Call]:
        """Yield all calls, from the top of each file."""
        for file, tree in self.trees.items():
            found = (node for node in ast.walk(tree) if isinstance(node, ast.Call))
            for node in sorted(found, key=lambda each: (each.lineno, each.col_offset)):
                yield Call(_called(node), self.place(file, node.lineno), node)

    def literal(self, value: object) -> Place | None:
        """Return the first line that holds this very literal."""
        for file, node in self.nodes():
            if isinstance(node, ast.Constant) and type(node.value) is type(value) and node.value == value:
                return self.place(file, node.lineno)
        return None

    def setting(self, names: Collection[str], sign: Callable[[object], bool]) -> Place | None:
        """Return the first line that gives a setting of one of these names a literal with a sign.

        A setting is a named argument, or an entry of a dict.
        """
        for file, node in self.nodes():
            given: list[tuple[object, ast.expr]] = []
            if isinstance(node, ast.keyword):
                given = [(node.arg, node.value)]
            elif isinstance(node, ast.Dict):
                keys = (getattr(key, "value", None) for key in node.keys)
                given = list(zip(keys, node.values, strict=True))
            for name, value in given:
                if name in names and isinstance(value, ast.Constant) and sign(value.value):
                    return self.place(file, value.lineno)
        return None

    def addresses(self) -> Iterator[tuple[str, Place]]:
        """Yield literals that look like `host:port`, but for the defaults of a look-up in the environment."""
        for file, tree in self.trees.items():
            defaults = {id(part) for node in ast.walk(tree) for part in _defaults(node)}
            for node in ast.walk(tree):
                if (
                    isinstance(node, ast.Constant)
                    and isinstance(node.value, str)
                    and id(node) not in defaults
                ):
                    for address in node.value.split(","):
                        if ADDRESS.match(address.strip()):
                            yield address.strip(), self.place(file, node.lineno)

    def function_around(self, file: str, line: int) -> int:
        """Return the line where the innermost function around a line begins; 0 where there is none."""
        tree = self.trees.get(file)
        found = (
            node.lineno
            for node in (ast.walk(tree) if tree else ())
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
            and node.lineno <= line <= (node.end_lineno or 0)
        )
        return max(found, default=0)

    def loop_around(self, file: str, line: int) -> Place | None:
        """Return the line where the outermost loop around a line begins."""
        tree = self.trees.get(file)
        loops = [
            node.lineno
            for node in (ast.walk(tree) if tree else ())
            if isinstance(node, ast.While | ast.For | ast.AsyncFor)
            and node.lineno <= line <= (node.end_lineno or 0)
        ]
        return self.place(file, min(loops)) if loops else None


def _parsed(source: bytes) -> ast.Module | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Python remarks on odd escapes as it parses
            return ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _called(node: ast.Call) -> str:
    if isinstance(node.func, ast.Attribute):
        return node.func.attr
    return node.func.id if isinstance(node.func, ast.Name) else ""


def _defaults(node: ast.AST) -> Iterator[ast.AST]:
    if isinstance(node, ast.Call) and _called(node) in {"get", "getenv"}:
        for argument in (*node.args[1:], *node.keywords):
            yield from ast.walk(argument)
