"""Errors say where, what, what is allowed, and the remedy, in one line."""

from __future__ import annotations

import pytest

from simulator.foundations import errors
from simulator.foundations.errors import BadInput, Fault, did_you_mean, nearest, one_line, rescue, show_value


def test_a_fault_reads_as_one_line_with_place_value_range_and_remedy():
    fault = Fault("baseline.yaml", 14, "labour.separation_rate", "1.7", "0 to 1 a month", "did you mean 0.017?")
    assert str(fault) == (
        "baseline.yaml:14: labour.separation_rate is 1.7; allowed 0 to 1 a month; did you mean 0.017?"
    )


def test_a_fault_without_a_line_names_the_file_alone():
    assert str(Fault("x.yaml", value="there is no such file")) == "x.yaml: there is no such file"


def test_line_breaks_and_control_characters_never_break_the_line():
    text = str(Fault("a\nb.yaml", 3, "x\ty", "\x1b[31m\r\n\ud800"))
    assert "\n" not in text and "\x1b" not in text and text.isprintable()
    assert one_line("农村\u2028x") == "农村\\u2028x"


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("HomewardError", 1),
        ("BadInput", 2),
        ("InvariantBroken", 3),
        ("UnreadableFile", 4),
        ("OutOfResources", 5),
        ("FolderBusy", 6),
        ("SomeRunsSetAside", 7),
    ],
)
def test_every_kind_of_failure_has_its_exit_code(kind, code):
    error = getattr(errors, kind)("a sentence")
    assert error.exit_code == code
    assert isinstance(error, errors.HomewardError)
    assert str(error) == "a sentence"


def test_bad_input_prints_one_line_a_fault():
    bad = BadInput([Fault("a.yaml", 1, "seed"), Fault("a.yaml", 2, "months")])
    assert str(bad).splitlines() == ["a.yaml:1: seed", "a.yaml:2: months"]


@pytest.mark.parametrize(
    ("value", "low", "high", "remedy"),
    [
        (1.7, 0, 1, "did you mean 0.017?"),  # 1.7 % written as 1.7
        (24, 0, 1, "did you mean 0.24?"),
        (-0.4, 0, 1, "did you mean 0.4?"),
        (0.4, -5, 0, "did you mean -0.4?"),
        (1_450_000, 1, 100_000, "did you mean 14500?"),
        (0, 1, 5, ""),
        (float("nan"), 0, 1, "write a finite number"),
        (float("inf"), 0, 1, "write a finite number"),
    ],
)
def test_a_slip_of_percent_thousand_or_sign_is_recognised(value, low, high, remedy):
    assert rescue(value, low, high) == remedy


def test_the_nearest_known_word_is_suggested():
    names = ["labour.separation_rate", "labour.job_finding_rate", "farming.land_share"]
    assert did_you_mean("labour.seperation_rate", names) == "did you mean labour.separation_rate?"
    assert did_you_mean("LABOUR.SEPARATION_RATE", names) == "did you mean labour.separation_rate?"
    assert nearest("land_shar", names) == ["farming.land_share"]
    assert did_you_mean("zzzz", names) == ""
    assert did_you_mean(7, names) == ""


def test_values_are_shown_short_whatever_they_are():
    assert show_value(True) == "true"
    assert show_value(None) == "empty"
    assert show_value({"a": 1}) == "a table of 1 entries"
    assert len(show_value("x" * 10_000)) == 60
    assert "digits" in show_value(10**500)
    assert show_value(1e-3) == "0.001"
