"""The command line answers at once, says one line a fault, and ends with the promised exit code."""

from __future__ import annotations

import importlib.metadata
import json
import os
import signal
import subprocess
import sys
import types
from pathlib import Path

import pytest

from simulator import cli
from simulator.foundations import errors
from simulator.foundations.files import configs_folder


def command(*words: str, **options) -> subprocess.CompletedProcess:
    """The command in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "simulator", *words], capture_output=True, text=True, timeout=60, check=False, **options
    )


def a_verb(monkeypatch, act) -> None:
    """Put one made-up verb, `act`, on the command line."""
    module = types.ModuleType("made_up_verb")
    module.add_arguments = lambda parser: None
    module.main = act
    monkeypatch.setitem(sys.modules, "made_up_verb", module)
    monkeypatch.setitem(cli.VERBS, "act", ("made_up_verb", "act"))


def raising(error: BaseException):
    """A verb that fails in one way."""

    def act(args):
        raise error

    return act


def test_check_loads_neither_mesa_nor_numba_nor_pandas():
    script = (
        "import sys\nfrom simulator.cli import main\ncode = main(['check', 'baseline', '--quiet'])\n"
        "heavy = [m for m in ('mesa', 'numba', 'pandas', 'numpy', 'scipy', 'networkx', 'pyarrow') if m in sys.modules]\n"
        "print(code, heavy)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "0 []"


def test_check_says_what_is_sound(capsys):
    assert cli.main(["check", "baseline", "teaching"]) == 0
    out = capsys.readouterr().out.splitlines()
    assert out[0].startswith("baseline: sound; china-provinces, 181 months from 2020-11, seed 1, hash ")
    assert out[1].startswith("teaching: sound; city-circle")


def test_check_gives_one_line_a_fault_and_exit_2(tmp_path, capsys):
    path = tmp_path / "mine.yaml"
    path.write_text("seed: 1\nparameters:\n  labour:\n    separation_rate: 1.7\nmonths: 0\n")
    assert cli.main(["check", str(path)]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.splitlines() == [
        f"{path}:4: labour.separation_rate is 1.7; allowed 0 to 1 a month; did you mean 0.017?",
        f"{path}:5: months is 0; allowed whole numbers 1 to 1200",
    ]


def test_check_as_json_is_one_document(tmp_path, capsys):
    path = tmp_path / "mine.yaml"
    path.write_text("sed: 1\n")
    assert cli.main(["check", "baseline", str(path), "--json"]) == 2
    reports = json.loads(capsys.readouterr().out)
    assert [report["sound"] for report in reports] == [True, False]
    assert reports[1]["faults"][0]["line"] == 1


def test_check_notes_values_that_are_allowed_but_not_plausible(tmp_path, capsys):
    path = tmp_path / "mine.yaml"
    path.write_text("parameters: {labour: {separation_rate: 0.5}}\n")
    assert cli.main(["check", str(path)]) == 0
    assert "labour.separation_rate is 0.5; plausible 0.005 to 0.04" in capsys.readouterr().err


def test_the_schema_for_editors_is_printed(capsys):
    assert cli.main(["check", "--schema"]) == 0
    assert json.loads(capsys.readouterr().out)["properties"]["seed"]["minimum"] == 0


@pytest.mark.parametrize("what", ["worlds", "scenarios", "parameters", "policies", "experiments"])
def test_every_list_can_be_printed_and_read_by_programs(what, capsys):
    assert cli.main(["list", what, "--sources"]) == 0
    capsys.readouterr()
    assert cli.main(["list", what, "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert all(row["name"] for row in rows)


def test_parameters_are_listed_in_the_language_asked_for(capsys):
    cli.main(["list", "parameters", "--lang", "zh"])
    assert "每月离职的概率" in capsys.readouterr().out


def test_a_parameter_is_explained_by_its_long_or_short_name(capsys):
    assert cli.main(["explain", "labour.separation_rate"]) == 0
    long = capsys.readouterr().out
    assert "plausible 0.005 to 0.04" in long and "source: " in long
    assert cli.main(["explain", "separation_rate"]) == 0
    assert capsys.readouterr().out == long
    assert cli.main(["explain", "seperation_rate"]) == 2
    assert "did you mean labour.separation_rate" in capsys.readouterr().err


@pytest.mark.parametrize("what", ["scenario", "design", "world", "policy"])
def test_a_template_passes_its_own_check_and_is_never_overwritten(what, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert cli.main(["new", what, "my-own"]) == 0
    (made,) = os.listdir(tmp_path)
    assert cli.main(["check", f"./{made}"]) == 0
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    capsys.readouterr()
    assert cli.main(["new", what, "my-own"]) == 6
    assert "already there" in capsys.readouterr().err
    assert before == {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}


@pytest.mark.parametrize("name", ["../up", "", "a b", "-x", "农村", "a/b", "x" * 100, "con\n"])
def test_a_template_needs_a_plain_name(name, tmp_path, capsys):
    assert cli.main(["new", "scenario", "--out", str(tmp_path), "--", name]) == 2
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("level: county\n", "level is 'county'"),
        ("- 1\n", "not a world"),
        ("title: {en: a, zh: b}\nlevel: provinces\ndrivers: none.csv\n", "drivers is 'none.csv'"),
        ("base_years: [true]\nlevle: provinces\n", "did you mean level?"),
        ('drivers: "a\\0b"\n', "control character"),
    ],
)
def test_a_world_that_is_not_sound_is_refused(text, words, tmp_path, capsys):
    (tmp_path / "world.yaml").write_text(text)
    assert cli.main(["check", str(tmp_path)]) == 2
    assert words in capsys.readouterr().err


@pytest.mark.parametrize("name", ["china-provinces", "china-prefectures", "city-circle"])
def test_the_worlds_that_come_with_the_simulator_are_sound(name, capsys):
    assert cli.main(["check", name]) == 0
    assert cli.main(["check", str(configs_folder() / "worlds" / name)]) == 0


def test_a_new_world_is_known_in_a_folder_of_configurations_of_its_own(tmp_path, capsys):
    import shutil

    shutil.copytree(configs_folder() / "parameters", tmp_path / "parameters")
    (tmp_path / "worlds").mkdir()
    (tmp_path / "scenarios").mkdir()
    (tmp_path / "scenarios" / "mine.yaml").write_text("world: my-own\nmonths: 1\n")
    assert cli.main(["new", "world", "my-own", "--out", str(tmp_path / "worlds")]) == 0
    assert cli.main(["check", "mine", "--configs", str(tmp_path)]) == 0
    assert "my-own" in capsys.readouterr().out


@pytest.mark.parametrize("text", ["def f(:\n", "x = 1\n", "class A:\n    parameters = {}\n", "\x00"])
def test_a_policy_file_is_read_and_never_run(text, tmp_path, capsys):
    path = tmp_path / "p.py"
    path.write_text(text + f"\nopen({str(tmp_path / 'ran')!r}, 'w')\n")
    assert cli.main(["check", str(path)]) == 2
    assert capsys.readouterr().err.startswith(str(path))
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (errors.InvariantBroken("people were lost"), 3),
        (errors.UnreadableFile("not ours"), 4),
        (errors.OutOfResources("no time"), 5),
        (errors.FolderBusy("busy"), 6),
        (errors.SomeRunsSetAside("two"), 7),
        (MemoryError(), 5),
        (OSError(28, "No space left on device"), 5),
        (PermissionError(13, "Permission denied", "x"), 2),
        (KeyboardInterrupt(), 130),
        (errors.Terminated(), 143),
        (SystemExit(0), 0),
    ],
)
def test_every_way_of_failing_has_its_exit_code_and_one_line(error, code, monkeypatch, capsys):
    a_verb(monkeypatch, raising(error))
    assert cli.main(["act"]) == code
    assert len(capsys.readouterr().err.splitlines()) == (code != 0)


def test_our_own_defect_is_one_line_that_says_where_the_traceback_is(monkeypatch, capsys):
    a_verb(monkeypatch, raising(ZeroDivisionError("a\nb")))
    assert cli.main(["act"]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    path = Path(line.partition("the traceback is in ")[2].partition(";")[0])
    assert "ZeroDivisionError" in path.read_text()
    path.unlink()


def test_a_verb_that_does_not_exist_and_one_without_arguments_are_bad_input(capsys):
    assert cli.main(["rnu"]) == 2
    assert "did you mean run?" in capsys.readouterr().err
    assert cli.main(["explain"]) == 2
    assert "see homeward explain --help" in capsys.readouterr().err
    assert cli.main(["check", "--nonsense"]) == 2
    assert cli.main(["check"]) == 2
    assert cli.main(["check", "baseline", "--configs", "/nowhere"]) == 2


def test_the_overview_names_the_verbs_and_options_may_stand_before_a_verb(capsys):
    assert cli.main([]) == 0
    assert "check" in capsys.readouterr().out
    assert cli.main(["--quiet", "--lang", "zh", "check", "baseline"]) == 0
    assert capsys.readouterr().out == ""


def test_another_distribution_brings_a_verb(monkeypatch, capsys):
    module = types.ModuleType("another_verb")
    module.add_arguments = lambda parser: parser.add_argument("word")
    module.main = lambda args: print(args.word) or 0
    monkeypatch.setitem(sys.modules, "another_verb", module)
    point = importlib.metadata.EntryPoint("echo", "another_verb", cli.GROUP)
    monkeypatch.setattr(cli, "_other_verbs", lambda: {"echo": point})
    assert cli.main(["echo", "hello"]) == 0
    assert capsys.readouterr().out == "hello\n"


def test_the_folder_of_configurations_named_on_the_command_line_is_the_one_used(tmp_path, capsys, monkeypatch):
    monkeypatch.delenv("HOMEWARD_CONFIGS", raising=False)
    (tmp_path / "scenarios").mkdir()
    (tmp_path / "scenarios" / "mine.yaml").write_text("seed: 4\n")
    assert cli.main(["list", "scenarios", "--configs", str(tmp_path)]) == 0
    assert capsys.readouterr().out.split()[0] == "mine"
    assert "HOMEWARD_CONFIGS" not in os.environ


def test_the_log_goes_to_a_file_as_lines_of_json(tmp_path, monkeypatch, capsys):
    import logging

    a_verb(monkeypatch, lambda args: logging.getLogger("homeward.act").info("农村 %s", 7))
    assert cli.main(["act", "--log", str(tmp_path / "log")]) == 0
    row = json.loads((tmp_path / "log").read_text("utf-8"))
    assert (row["level"], row["from"], row["text"]) == ("info", "homeward.act", "农村 7")
    assert capsys.readouterr().err == ""


@pytest.mark.skipif(not hasattr(signal, "SIGTERM") or sys.platform == "win32", reason="needs POSIX signals")
@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_signal_ends_a_verb_in_one_line(number, code, monkeypatch, capsys):
    a_verb(monkeypatch, lambda args: os.kill(os.getpid(), number) or signal.pause())
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell makes what it starts with & deaf to Ctrl-C
    try:
        assert cli.main(["act"]) == code
    finally:
        signal.signal(signal.SIGINT, before)
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_a_reader_who_leaves_early_is_no_error():
    script = f"{sys.executable} -m simulator list parameters | head -1; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=False)
    assert done.stdout.splitlines()[-1] == "0"
    assert done.stderr == ""


class ARun:
    """What a run folder tells, as far as a comparison reads it."""

    def __init__(self, **digests: str):
        self.status, self.scenario = "done", None
        self.info = {"table_digests": digests, "machine": {"cpu": "x"}, "source_digest": "s", "lock_digest": "l"}


@pytest.mark.parametrize(("digest", "code", "words"), [("1", 0, "all 2 tables"), ("2", 3, "flows differ")])
def test_a_run_computed_again_is_compared_table_by_table(digest, code, words, monkeypatch, capsys):
    again = types.ModuleType("simulator.runs")
    again.open_run = lambda folder: ARun(national="0", flows="1")
    again.run = lambda scenario, **where: ARun(national="0", flows=digest)
    monkeypatch.setitem(sys.modules, "simulator.runs", again)
    monkeypatch.setattr("simulator.runs", again, raising=False)
    assert cli.main(["check", "--repro", "results/x"]) == code
    captured = capsys.readouterr()
    assert words in captured.out + captured.err
    assert "another version of the simulator" in captured.out + captured.err
