"""The lab by hand.

python tests/hpc/lab install                   the Debian packages
python tests/hpc/lab up | down | status
python tests/hpc/lab crash-node | start-node | cut-node | heal-node node1
python tests/hpc/lab exec node1 COMMAND...     on a node
python tests/hpc/lab offline COMMAND...        on a submit host that reaches nothing but the lab
eval "$(python tests/hpc/lab env)"             for sbatch, squeue and the like in this shell
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from lab import LabError, SlurmLab

NODE_ACTIONS = ("crash-node", "start-node", "cut-node", "heal-node")


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python tests/hpc/lab",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--lab", type=int, default=0, help="number of the lab, 0 to 9 (0)")
    parser.add_argument("--nodes", type=int, default=4, help="for up (4)")
    parser.add_argument("--cpus", type=int, default=2, help="for up: of a node (2)")
    parser.add_argument("--memory", type=int, default=4000, help="for up: MiB of a node (4000)")
    simple = ("install", "up", "down", "status", "env", "offline", "exec")
    parser.add_argument("action", choices=[*simple, *NODE_ACTIONS])
    parser.add_argument("words", nargs=argparse.REMAINDER, help="a node, a command")
    given = parser.parse_args()
    lab = SlurmLab.numbered(given.lab, nodes=given.nodes, cpus=given.cpus, memory=given.memory)
    try:
        return act(lab, given.action, given.words)
    except LabError as error:
        print(f"lab: {error}", *getattr(error, "__notes__", ()), sep="\n  ", file=sys.stderr)
        return 1


def act(lab: SlurmLab, action: str, words: list[str]) -> int:
    match action, words:
        case (("install" | "up" | "down"), []):
            getattr(lab, action)()
        case "status", []:
            print(lab.client("sinfo", "-N", "-l"), lab.client("squeue"), sep="\n", end="")
            print(f"memory is limited by: {lab.memory_enforced_by}")
        case "env", []:
            print(*(f"export {name}={value}" for name, value in lab.environment().items()))
        case "offline", [_, *_]:
            command = lab.in_lab_network(words)
            os.execvpe(command[0], command, os.environ | lab.environment())
        case "exec", [node, *command] if command:
            done = lab.exec(node, command)
            sys.stdout.write(done.stdout)
            sys.stderr.write(done.stderr)
            return done.returncode
        case _, [node] if action in NODE_ACTIONS:
            getattr(lab, action.replace("-", "_"))(node)
        case _:
            print(__doc__, file=sys.stderr)
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
