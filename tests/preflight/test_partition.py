"""What `sinfo` prints, and what it means for a worker's job."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spacebio_bench.preflight.partition import judge, minutes_of, nodes_of, partition

SINFO = """
normal*|up|1-00:00:00|idle|3|16|64000
normal*|up|1-00:00:00|down*|1|16|64000
short|up|30:00|mixed|4|8|32000+
off|down|infinite|idle|2|8|32000
broken|up|infinite|drained|2|8|32000
broken|up|infinite|idle*|1|8|32000
cloud|up|infinite|idle~|9|2|4000
"""


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("infinite", math.inf),
        ("UNLIMITED", math.inf),
        ("30", 30),
        ("2:00", 2),
        ("1:30:00", 90),
        ("1-0", 1440),
        ("2-12", 3600),
        ("1-06:30", 1830),
        ("7-00:00:00", 10080),
        ("0:30", 0.5),
        ("soon", None),
        ("1-", None),
        ("", None),
    ],
)
def test_times(text: str, minutes: float | None) -> None:
    assert minutes_of(text) == minutes


@given(st.integers(0, 400), st.integers(0, 23), st.integers(0, 59), st.integers(0, 59))
def test_times_as_slurm_writes_them(days: int, hours: int, minutes: int, seconds: int) -> None:
    clock = f"{hours:02}:{minutes:02}:{seconds:02}"
    whole = days * 1440 + hours * 60 + minutes + seconds / 60
    assert minutes_of(f"{days}-{clock}") == whole
    assert minutes_of(clock) == hours * 60 + minutes + seconds / 60


@given(st.text() | st.lists(st.text(alphabet="a*|0123-:~", max_size=20)).map("\n".join))
def test_any_text_gives_nodes_or_none(text: str) -> None:
    judge(nodes_of(text), None, cores=1, memory=1, walltime=1)
    minutes_of(text)


def test_nodes() -> None:
    nodes = nodes_of(SINFO)
    assert [n.count for n in nodes if n.at_work] == [3, 4, 2, 9]
    assert [n.partition for n in nodes if n.is_default] == ["normal", "normal"]
    assert nodes[2].memory == 32000


VERDICTS = {
    "": """
        ok partition: normal, 3 of 4 nodes work.
        ok walltime: 240 min; the limit is 1440 min.
        ok size of a worker's job: 1 core and 3,328 MiB; 3 nodes are large enough.""",
    "short --walltime 30": """
        ok partition: short, 4 of 4 nodes work.
        ok walltime: 30 min; the limit is 30 min.
        ok size of a worker's job: 1 core and 3,328 MiB; 4 nodes are large enough.""",
    "short --cores 9": """
        ok partition: short, 4 of 4 nodes work.
        failed walltime: --walltime 240 min is above the 30 min of short.
        Set --walltime to 30 or less, or choose another --partition.
        failed size of a worker's job: 9 cores and 3,328 MiB; no node of short that works has so
        much: the largest has 8 cores and 32,000 MiB.
        Lower --worker_cores or --worker_memory, or choose another --partition.""",
    "short,cloud --walltime 30 --memory 32000": """
        ok partition: short, cloud, 13 of 13 nodes work.
        ok walltime: 30 min; no limit.
        ok size of a worker's job: 1 core and 32,000 MiB; 4 nodes are large enough.""",
    "off": """
        failed partition: off is not up. Choose one of normal, short, off, broken, cloud.""",
    "broken": """
        failed partition: broken has no node that works: 2 drained, 1 idle*.
        `sinfo -R` tells why; or choose another partition of normal, short, off, broken, cloud.""",
    "nrmal": """
        failed partition: nrmal does not exist, or is not shown to you.
        --partition: there are normal, short, off, broken, cloud.""",
}


@pytest.mark.parametrize(("asked", "told"), VERDICTS.items(), ids=VERDICTS.keys())
def test_verdicts(asked: str, told: str) -> None:
    name, *options = asked.split(" --")
    job = {"cores": 1, "memory": 3328, "walltime": 240}
    job |= {option.split()[0]: int(option.split()[1]) for option in options}
    checks = judge(nodes_of(SINFO), name, **job)
    assert " ".join(map(str, checks)).split() == told.split()


def test_large_nodes_for_a_short_time_and_small_ones_for_long_are_no_partition() -> None:
    job = {"cores": 4, "memory": 3328, "walltime": 240}
    *_, limit, size = judge(nodes_of(SINFO), "short,cloud", **job)
    assert limit.status == "ok"
    assert size.status == "failed"


def test_a_cluster_without_a_default() -> None:
    nodes = nodes_of(SINFO.replace("normal*", "normal"))
    (check,) = judge(nodes, None, cores=1, memory=1, walltime=1)
    assert check.found == "none asked for, and the cluster has no default"
    assert "normal, short" in check.remedy


def test_sinfo_is_asked(commands) -> None:
    commands.add("sinfo", f"echo '{SINFO}'")
    job = {"cores": 1, "memory": 1, "walltime": 1}
    assert [check.status for check in partition("cloud", **job)] == ["ok"] * 3
    commands.add("sinfo", "echo 'slurm_load_partitions: Unable to contact' >&2; exit 1")
    (check,) = partition("cloud", **job)
    assert check.found == "slurm_load_partitions: Unable to contact"
