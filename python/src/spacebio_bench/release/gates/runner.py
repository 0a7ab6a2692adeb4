"""Run gates to the end, whatever one of them finds."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from spacebio_bench import __version__
from spacebio_bench.errors import InputError, NotApplicableError, Problem, RunError
from spacebio_bench.release.checkout import code_tree, head, is_checkout
from spacebio_bench.release.gates._files import uncommitted
from spacebio_bench.release.gates._gate import Context, Finding, Gate, halt, reds, yellow
from spacebio_bench.release.gates.report import GateResult, QaReport


def choose(
    gates: Sequence[Gate], *, only: Sequence[str] = (), skip: Sequence[str] = (), heavy: bool
) -> list[Gate]:
    """Gates by their names, in their own order.

    Raises
    ------
    InputError
        Unknown names, gates that only a big machine runs, or nothing left.
    """
    known = {gate.name: gate for gate in gates}
    problems = [
        Problem(option, f"'{name}' is no gate; there are {', '.join(known)}.")
        for option, names in (("--only", only), ("--skip", skip))
        for name in names
        if name not in known
    ]
    problems += [
        Problem("--only", f"'{name}' is run with --hpc.")
        for name in only
        if name in known and known[name].heavy and not heavy
    ]
    chosen = [
        gate
        for gate in gates
        if (not only or gate.name in only) and gate.name not in skip and (heavy or not gate.heavy)
    ]
    if not chosen and not problems:
        problems.append(Problem("--skip", "leaves no gate to run."))
    if problems:
        raise InputError(problems)
    return chosen


def run_gates(gates: Sequence[Gate], context: Context) -> QaReport:
    """Run each gate; one that breaks is halted, and the next one is run."""
    results = []
    for i, gate in enumerate(gates, start=1):
        context.tell(f"[{i}/{len(gates)}] {gate.name}: {gate.title}")
        began = time.monotonic()
        findings = judge(gate, replace(context, tell=_indented(context)))
        result = GateResult(gate, findings, time.monotonic() - began)
        context.tell(f"        {result.flag} in {result.seconds:.1f} s")
        results.append(result)
    return QaReport(
        results=tuple(results),
        version=__version__,
        date=f"{datetime.now(tz=UTC):%Y-%m-%d}",
        commit=head(context.root) if is_checkout(context.root) else "",
        code_tree=code_tree(context.root) if is_checkout(context.root) else "",
        uncommitted=uncommitted(context.root),
        profile=context.profile if any(gate.heavy for gate in gates) else None,
    )


def judge(gate: Gate, context: Context) -> tuple[Finding, ...]:
    """What a gate finds; what it could not look at is a finding, too."""
    found: list[Finding] = []
    try:
        found.extend(gate.run(context))
    except InputError as error:
        found.extend(reds(error.problems))
    except NotApplicableError as error:
        found.append(yellow(gate.name, f"not judged: {error}"))
    except RunError as error:
        found.append(halt(gate.name, str(error)))
    except Exception as error:  # noqa: BLE001 - one gate must not keep the others from theirs
        told = " ".join(str(error).split())
        found.append(halt(gate.name, f"the gate itself broke: {type(error).__name__}: {told}"))
    return tuple(found or [halt(gate.name, "the gate looked at nothing.")])


def _indented(context: Context) -> Callable[[str], None]:
    """Lines of a gate below its own."""
    return lambda line: context.tell(f"        {line}")
