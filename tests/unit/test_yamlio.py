"""YAML as a person writes it: numbers are numbers, words are words, and every entry has its line."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.foundations.errors import BadInput
from simulator.foundations.yamlio import MAX_BYTES, parse_scalar, parse_yaml, read_yaml, write_yaml


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1e-3", 0.001),
        ("1.", 1.0),
        (".5", 0.5),
        ("-2.5E+3", -2500.0),
        ("010", 10),
        ("0o10", 8),
        ("0x1F", 31),
        ("+7", 7),
        ("no", "no"),
        ("yes", "yes"),
        ("on", "on"),
        ("1:30", "1:30"),
        ("2020-11", "2020-11"),
        ("2020-11-01", "2020-11-01"),
        ("1_000", "1_000"),
        ("true", True),
        ("FALSE", False),
        ("tRue", "tRue"),
        ("null", None),
        ("~", None),
        ("", None),
        (".inf", math.inf),
        ("-.INF", -math.inf),
        ("=", "="),
        ("<<", "<<"),
    ],
)
def test_a_plain_word_means_what_yaml_1_2_says(text, value):
    found = parse_scalar(text)
    assert found == value
    assert type(found) is type(value)


def test_not_a_number_is_read_as_such_for_the_schema_to_refuse():
    assert math.isnan(parse_scalar(".nan"))


def test_a_number_of_ten_thousand_digits_stays_text():
    assert isinstance(parse_scalar("9" * 10_000), str)


def test_quoted_words_stay_text():
    assert parse_yaml("a: '7'\nb: \"true\"\nc: |\n  1\n").data == {"a": "7", "b": "true", "c": "1\n"}


def test_every_entry_remembers_its_line():
    document = parse_yaml("a: 1\nb:\n  c: 2\n  d:\n    - x\n    - e: 3\n", "f.yaml")
    assert document.data == {"a": 1, "b": {"c": 2, "d": ["x", {"e": 3}]}}
    assert [document.line(p) for p in ("a", "b", "b.c", "b.d[0]", "b.d[1].e")] == [1, 2, 3, 5, 6]
    assert document.line("b.d[1].missing") == 6
    assert document.line("nothing") == 1


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("a: 1\nb: 2\na: 3\n", 3, "'a' is written twice"),
        ("a: &x 1\n", 1, "anchor"),
        ("a: 1\nb: *x\n", 2, "alias"),
        ("a: !!python/object/apply:os.system [ls]\n", 1, "tag"),
        ("a: !!int 7\n", 1, "tag"),
        ("a: 1\n---\nb: 2\n", 2, "second document"),
        ("%TAG ! tag:x,2000:\n---\na: 1\n", 1, "%TAG"),
        ("a:\n\tb: 1\n", 2, "tabs"),
        ("a: b: c\n", 1, "colon"),
        ("a: [1, 2\nb: 3\n", 2, "bracket"),
        ("a: 'x\n", 2, "quot"),
        ("? [1, 2]\n: 3\n", 1, "key"),
        ("'': 3\n", 1, "key is empty"),
        ("a: \"\\0\"\n", 1, "control character"),
        ("a: \x07\n", 1, "control character"),
        ("a: \"\\UFFFFFFFF\"\n", 1, ""),
        ("a: \"\\ud800\"\n", 1, ""),
        ("a: 1\n  b: 2\n", 2, ""),
        ("@a: 1\n", 1, ""),
    ],
)  # fmt: skip
def test_what_is_not_plain_yaml_is_refused_with_its_line(text, line, words):
    with pytest.raises(BadInput) as caught:
        parse_yaml(text, "f.yaml")
    message = str(caught.value)
    assert message.startswith(f"f.yaml:{line}: "), message
    assert words in message


@pytest.mark.parametrize(
    "text", ["[" * 20_000, "[" * 20_000 + "]" * 20_000, "{a: " * 20_000, "- " * 20_000, "? " * 20_000]
)
def test_twenty_thousand_brackets_are_refused_without_recursion(text):
    with pytest.raises(BadInput):
        parse_yaml(text, "f.yaml")


def test_an_alias_bomb_is_refused_at_its_first_alias():
    bomb = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
        f"{c}: &{c} [" + ",".join([f"*{p}"] * 9) + "]\n" for p, c in zip("abcdefgh", "bcdefghi", strict=True)
    )
    with pytest.raises(BadInput) as caught:
        parse_yaml(bomb, "f.yaml")
    assert "alias" in str(caught.value)


def test_two_hundred_thousand_entries_are_refused():
    with pytest.raises(BadInput) as caught:
        parse_yaml("[" + "1," * 250_000 + "]", "f.yaml")
    assert "split the file" in str(caught.value)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"\xef\xbb\xbfa: 1\n", "byte-order mark"),
        ("a: 1\n".encode("utf-16"), "byte-order mark"),
        (b"a: 1\nb: \xff\n", "UTF-8"),
        (b"a: \x00\n", "control character"),
        (b"a: 1\n" * (MAX_BYTES // 5 + 1), "larger than"),
    ],
)
def test_what_is_not_clean_text_is_refused(data, words):
    with pytest.raises(BadInput) as caught:
        parse_yaml(data, "f.yaml")
    assert words in str(caught.value)


def test_several_duplicates_are_reported_together():
    with pytest.raises(BadInput) as caught:
        parse_yaml("a: 1\na: 2\nb: 1\nb: 2\n", "f.yaml")
    assert len(caught.value.faults) == 2


def test_a_folder_a_device_and_a_missing_file_are_refused(tmp_path):
    for path in (tmp_path, "/dev/null", tmp_path / "missing.yaml", "a\0b"):
        with pytest.raises(BadInput):
            read_yaml(path)


def test_an_empty_text_is_nothing():
    assert parse_yaml("").data is None
    assert parse_yaml("# only a comment\n").data is None


words = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Cn", "Co")), max_size=20)
scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(10**40), 10**40)
    | st.floats(allow_nan=False, allow_infinity=False)
    | words
)
trees = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words.filter(bool), inner, max_size=3),
    max_leaves=12,
)


@given(trees)
def test_what_is_written_reads_back_unchanged(tree):
    found = parse_yaml(write_yaml(tree)).data
    assert found == tree
    assert repr(found) == repr(tree)


def test_the_slow_parser_reads_and_refuses_the_same(monkeypatch):
    monkeypatch.delattr("yaml.CSafeLoader", raising=False)
    assert parse_yaml("a: 1e-3\nb: [no, 010]\n").data == {"a": 0.001, "b": ["no", 10]}
    for text in ("a: 1\na: 2\n", "a:\n\tb: 1\n", "[" * 20_000, "a: &x [*x]\n", 'a: "\\UFFFFFFFF"\n', "a: !!int 1\n"):
        with pytest.raises(BadInput):
            parse_yaml(text, "f.yaml")
