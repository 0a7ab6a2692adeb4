"""A SLURM cluster on one machine, for the tests: real daemons, nodes that can be broken."""

from .cluster import SlurmLab
from .machine import LabError

__all__ = ["LabError", "SlurmLab"]
