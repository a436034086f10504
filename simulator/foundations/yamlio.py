"""How a configuration written by a person is read: plain YAML, nothing clever, every line remembered.

A small part of YAML 1.2: mappings, lists, strings, numbers, true, false and null of its core
schema (`1e-3` is a number; `no`, `1:30` and `2020-11` are text; `010` is ten). Tags, anchors,
aliases, duplicate keys and several documents in a file are refused, and so is anything too
large or too deep, whatever it hides.
"""

from __future__ import annotations

import os
import re
import stat
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from simulator.foundations.errors import BadInput, Fault, show_value

MAX_BYTES = 1 << 20
MAX_DEPTH = 32
MAX_NODES = 200_000
MAX_DIGITS = 64
MAX_FAULTS = 50

_NULL = re.compile(r"(?:null|Null|NULL|~|)\Z")
_BOOL = re.compile(r"(?:true|True|TRUE|false|False|FALSE)\Z")
_INT = re.compile(r"[-+]?[0-9]+\Z")
_OCTAL = re.compile(r"0o[0-7]+\Z")
_HEX = re.compile(r"0x[0-9a-fA-F]+\Z")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?\Z")
_INFINITE = re.compile(r"[-+]?\.(?:inf|Inf|INF)\Z")
_NAN = re.compile(r"\.(?:nan|NaN|NAN)\Z")
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufeff\ufffe\uffff]")

_PLAIN_WORDS = (
    ("cannot start any token", "", "indent with spaces, not tabs, and quote text that begins with @, ` or %"),
    ("mapping values are not allowed", "a colon stands where none may", "check the indentation, or quote the text"),
    ("could not find expected ':'", "a key without its colon", "write `key: value`"),
    (
        "did not find expected",
        "the text breaks off, or a bracket or the indentation does not fit",
        "check this line and the one before",
    ),
    ("expected ',' or", "a bracket is not closed", "check this line and the one before"),
    ("expected <block end>", "the indentation does not fit", "align it with the line above"),
    ("unexpected end of stream", "a quoted text is not closed", "close the quotation mark"),
)


@dataclass(frozen=True)
class Document:
    """What a file says: its data, and the line on which each dotted path stands."""

    file: str
    data: object
    lines: dict[str, int] = field(default_factory=dict)

    def line(self, path: str) -> int:
        """The line of a path such as `policies[0].when.start`, or of the nearest thing around it."""
        while path and path not in self.lines:
            path = path[: max(path.rfind("."), path.rfind("["), 0)]
        return self.lines.get(path, 0)


def read_yaml(path: str | os.PathLike, shown: str | None = None) -> Document:
    """Read a file of configuration; `shown` is how faults name it (default: as given)."""
    shown = shown or os.fspath(path)
    try:
        about = os.stat(path)
        if not stat.S_ISREG(about.st_mode):
            raise BadInput(Fault(file=shown, value="this is not a file", remedy="give the name of a YAML file"))
        if about.st_size > MAX_BYTES:
            raise BadInput(_too_large(shown))
        data = Path(path).read_bytes()
    except FileNotFoundError:
        raise BadInput(Fault(file=shown, value="there is no such file", remedy="check the path")) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise BadInput(Fault(file=shown, value=f"cannot be read: {reason}", remedy="check its permissions")) from None
    return parse_yaml(data, shown)


def parse_yaml(data: bytes | str, file: str = "") -> Document:
    """Parse YAML bytes or text; BadInput lists every fault with its line."""
    text = _decode(data, file)
    builder = _Builder(file)
    loader = yaml.CSafeLoader if hasattr(yaml, "CSafeLoader") else yaml.SafeLoader
    try:
        for event in yaml.parse(text, Loader=loader):
            builder.take(event)
    except yaml.MarkedYAMLError as error:
        builder.faults.append(_plain_error(error, file))
    except (yaml.YAMLError, ValueError, OverflowError) as error:
        builder.faults.append(Fault(file=file, value=f"cannot be read as YAML: {str(error)[:120]}"))
    except _Stop:
        pass
    if builder.faults:
        raise BadInput(builder.faults)
    return Document(file, builder.root, builder.lines)


def parse_scalar(text: str) -> object:
    """The value of a plain word, as YAML 1.2's core schema takes it: `0.02`, `true`, `middle`."""
    if _NULL.match(text):
        return None
    if _BOOL.match(text):
        return text[0] in "tT"
    if len(text) <= MAX_DIGITS:
        if _INT.match(text):
            return int(text)
        if _OCTAL.match(text):
            return int(text, 0)
        if _HEX.match(text):
            return int(text, 0)
        if _FLOAT.match(text):
            return float(text)
        if _INFINITE.match(text):
            return float("-inf") if text[0] == "-" else float("inf")
        if _NAN.match(text):
            return float("nan")
    return text


def write_scalar(value: object) -> str:
    """A value as YAML that `parse_scalar`, or quoted text, reads back unchanged."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return repr(value)
    text = str(value)
    plain = re.fullmatch(r"[A-Za-z\u4e00-\u9fff][\w\u4e00-\u9fff /().;-]*", text)
    if plain and not text.endswith((" ", ":")) and isinstance(parse_scalar(text), str) and text not in ("yes", "no"):
        return text
    return '"' + "".join(_escape(c) for c in text) + '"'


def write_yaml(data: object, indent: int = 0) -> str:
    """Nested mappings and lists as block YAML, in the order given."""
    pad = " " * indent
    if isinstance(data, dict):
        if not data:
            return f"{pad}{{}}\n"
        return "".join(f"{pad}{write_scalar(str(key))}:{_write_value(value, indent)}" for key, value in data.items())
    if isinstance(data, (list, tuple)):
        if not data:
            return f"{pad}[]\n"
        return "".join(
            f"{pad}- {write_yaml(item, indent + 2).lstrip()}"
            if isinstance(item, (dict, list, tuple))
            else f"{pad}- {write_scalar(item)}\n"
            for item in data
        )
    return f"{pad}{write_scalar(data)}\n"


def _write_value(value: object, indent: int) -> str:
    if isinstance(value, dict) and value:
        return "\n" + write_yaml(value, indent + 2)
    if isinstance(value, (list, tuple)) and value:
        return "\n" + write_yaml(value, indent + 2)
    return " " + write_yaml(value)


def _escape(char: str) -> str:
    if char in '"\\':
        return "\\" + char
    if char == "\n":
        return "\\n"
    if char.isprintable():
        return char
    return f"\\u{ord(char):04x}" if ord(char) < 0x10000 else f"\\U{ord(char):08x}"


# --- the parts -----------------------------------------------------------------------------


class _Stop(Exception):
    """Enough has been seen: nothing after this fault can be trusted."""


class _Builder:
    """Builds data from parser events with a stack of its own, so that depth costs no recursion."""

    def __init__(self, file: str):
        self.file = file
        self.faults: list[Fault] = []
        self.lines: dict[str, int] = {}
        self.root: object = None
        self.stack: list[tuple[object, str]] = []
        self.keys: list[str | None] = []
        self.nodes = 0
        self.documents = 0

    def fault(self, event: yaml.Event, value: str, remedy: str, stop: bool = False) -> None:
        """Note a fault at an event's line; `stop` when reading on makes no sense."""
        self.faults.append(Fault(self.file, event.start_mark.line + 1, value=value, remedy=remedy))
        if stop or len(self.faults) >= MAX_FAULTS:
            raise _Stop

    def take(self, event: yaml.Event) -> None:
        """Take the parser's next event."""
        if isinstance(event, yaml.ScalarEvent):
            self.scalar(event)
        elif isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent)):
            self.open(event, {} if isinstance(event, yaml.MappingStartEvent) else [])
        elif isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
            self.stack.pop()
            self.keys.pop()
        elif isinstance(event, yaml.AliasEvent):
            self.fault(event, f"an alias (*{event.anchor[:30]}) stands here", "write the value out", stop=True)
        elif isinstance(event, yaml.DocumentStartEvent):
            self.documents += 1
            if self.documents > 1:
                self.fault(event, "a second document begins here", "keep one document a file", stop=True)
            if event.tags:
                self.fault(event, "a %TAG directive stands here", "remove it", stop=True)

    def scalar(self, event: yaml.ScalarEvent) -> None:
        """Take a word: a key, or a value of the mapping or list that is open."""
        self.check(event)
        text = event.value
        if _FORBIDDEN.search(text):
            self.fault(event, "the text holds a control character", "remove it")
            text = _FORBIDDEN.sub("?", text)
        if self.expects_key():
            if not text:
                self.fault(event, "a key is empty", "write `key: value`")
            container, _ = self.stack[-1]
            if text in container:
                self.fault(event, f"{show_value(text)} is written twice", "keep one of them")
            self.keys[-1] = text
            self.lines.setdefault(self.path(), event.start_mark.line + 1)
            return
        plain = event.style in (None, "") and event.implicit[0]
        self.put(parse_scalar(text) if plain else text, event)

    def open(self, event: yaml.Event, container: object) -> None:
        """A mapping or a list begins."""
        self.check(event)
        if self.expects_key():
            self.fault(event, "a list or mapping stands where a key should", "write `key: value`", stop=True)
        if len(self.stack) >= MAX_DEPTH:
            self.fault(event, f"nested more than {MAX_DEPTH} deep", "write it flatter", stop=True)
        path = self.put(container, event)
        self.stack.append((container, path))
        self.keys.append(None)

    def check(self, event: yaml.Event) -> None:
        """Refuse anchors and tags, and count."""
        self.nodes += 1
        if self.nodes > MAX_NODES:
            self.fault(event, f"more than {MAX_NODES} entries", "split the file", stop=True)
        if event.anchor is not None:
            self.fault(event, f"an anchor (&{event.anchor[:30]}) stands here", "write the value out")
        if event.tag is not None:
            self.fault(event, f"a tag ({show_value(event.tag, 40)}) stands here", "remove it")

    def expects_key(self) -> bool:
        """Whether the next node is a key of the open mapping."""
        return bool(self.stack) and isinstance(self.stack[-1][0], dict) and self.keys[-1] is None

    def path(self) -> str:
        """The dotted path of the node that comes next."""
        if not self.stack:
            return ""
        container, base = self.stack[-1]
        if isinstance(container, list):
            return f"{base}[{len(container)}]"
        return f"{base}.{self.keys[-1]}" if base else str(self.keys[-1])

    def put(self, value: object, event: yaml.Event) -> str:
        """Hand a value to the open mapping or list."""
        path = self.path()
        self.lines.setdefault(path, event.start_mark.line + 1)
        if not self.stack:
            self.root = value
        elif isinstance(self.stack[-1][0], list):
            self.stack[-1][0].append(value)
        else:
            self.stack[-1][0][self.keys[-1]] = value
            self.keys[-1] = None
        return path


def _decode(data: bytes | str, file: str) -> str:
    """Bytes as text: UTF-8 without a byte-order mark or control characters."""
    if isinstance(data, bytes):
        if len(data) > MAX_BYTES:
            raise BadInput(_too_large(file))
        if data.startswith((b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf")):
            raise BadInput(
                Fault(file, 1, value="the file begins with a byte-order mark", remedy="save it as UTF-8 without one")
            )
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError as error:
            line = data[: error.start].count(b"\n") + 1
            raise BadInput(Fault(file, line, value="this is not UTF-8", remedy="save the file as UTF-8")) from None
    else:
        text = data
        if len(text) > MAX_BYTES:
            raise BadInput(_too_large(file))
    forbidden = _FORBIDDEN.search(text)
    if forbidden:
        line = text.count("\n", 0, forbidden.start()) + 1
        code = f"U+{ord(forbidden.group()):04X}"
        raise BadInput(Fault(file, line, value=f"a control character ({code}) stands here", remedy="remove it"))
    return text


def _too_large(file: str) -> Fault:
    return Fault(
        file=file,
        value=f"the file is larger than {MAX_BYTES // 1024} KiB",
        remedy="a configuration is far smaller; check the path",
    )


def _plain_error(error: yaml.MarkedYAMLError, file: str) -> Fault:
    mark = error.problem_mark or error.context_mark
    problem = (error.problem or error.context or "not YAML")[:160]
    for phrase, words, remedy in _PLAIN_WORDS:
        if phrase in problem:
            return Fault(file, mark.line + 1 if mark else 0, value=words or problem, remedy=remedy)
    return Fault(
        file,
        mark.line + 1 if mark else 0,
        value=f"this is not YAML: {problem}",
        remedy="check this line and the one before",
    )
