"""The lab's slurm.conf and its company: small, quick to notice a fault, all below one folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

MemoryLimit = Literal["kernel", "polling"]

# how a job's processes are found and its memory is limited
_LIMITS = {
    "kernel": """\
ProctrackType=proctrack/cgroup
TaskPlugin=task/cgroup
JobAcctGatherType=jobacct_gather/none
""",
    "polling": """\
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/linux
JobAcctGatherParams=OverMemoryKill,UsePss
JobAcctGatherFrequency=task=1
""",
}

_SLURM = """\
ClusterName=lab
SlurmctldHost={host}({net}.1)
SlurmctldPort={control_port}
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
# a job that is queued again waits until its old credential has expired: 5 s, not 120
AuthInfo=socket={folder}/munge/socket,cred_expire=5
CredType=cred/munge
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool/%n
SlurmctldPidFile={folder}/state/slurmctld.pid
SlurmdPidFile={folder}/spool/%n.pid
SlurmctldLogFile={folder}/log/slurmctld.log
SlurmdLogFile={folder}/log/%n.log
MailProg=/bin/true
MpiDefault=none
SwitchType=switch/none
AccountingStorageType=accounting_storage/none
JobCompType=jobcomp/filetxt
JobCompLoc={folder}/log/jobs.txt
{limits}
SchedulerType=sched/backfill
SchedulerParameters=bf_interval=1,sched_min_interval=0,batch_sched_delay=0
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
DefMemPerCPU=500
# a node may claim more cores and memory than the machine has
SlurmdParameters=config_overrides
PropagateResourceLimits=NONE
JobSubmitPlugins=lua

# a silent node is given up after 4 to 7 seconds, and is taken back when it answers again
SlurmdTimeout=1
MessageTimeout=3
TCPTimeout=1
KillWait=1
ReturnToService=2
# a job can be asked about long after its end
MinJobAge=3600

NodeName=node[1-{nodes}] NodeAddr={net}.[11-{last_address}] Port={node_port} CPUs={cpus} \
RealMemory={memory} State=UNKNOWN
PartitionName=normal Nodes=ALL Default=YES DefaultTime=10 MaxTime=60 State=UP
PartitionName=down Nodes=ALL DefaultTime=10 MaxTime=60 State=DOWN
# without a database no account is known: every job waits here, with that reason
PartitionName=accounts Nodes=ALL DefaultTime=10 MaxTime=60 State=UP AllowAccounts=lab
{extra_conf}
"""

_CGROUP = """\
CgroupPlugin=cgroup/v1
CgroupMountpoint={folder}/cgroup
CgroupAutomount=no
ConstrainRAMSpace=yes
ConstrainCores=no
ConstrainDevices=no
"""

# stands for the accounts of a database: none, or `lab`
JOB_SUBMIT = """\
function slurm_job_submit(job, partitions, uid)
  if job.account ~= nil and job.account ~= "lab" then
    return slurm.ESLURM_INVALID_ACCOUNT
  end
  return slurm.SUCCESS
end

function slurm_job_modify(job, record, partitions, uid)
  return slurm.SUCCESS
end
"""


def slurm_conf(limit: MemoryLimit, *, port_base: int, **lab: Any) -> str:
    """`lab` has the fields of the SlurmLab, its host and the last node's address."""
    ports = {"control_port": port_base + 17, "node_port": port_base + 18}
    return _SLURM.format(limits=_LIMITS[limit], **ports, **lab)


def cgroup_conf(folder: Path) -> str:
    return _CGROUP.format(folder=folder)


def hosts(*, host: str, net: str, nodes: int) -> str:
    """/etc/hosts of the nodes: there is no name server in the lab."""
    lines = ["127.0.0.1 localhost", f"{net}.1 {host}"]
    lines += [f"{net}.{10 + n} node{n}" for n in range(1, nodes + 1)]
    return "\n".join(lines) + "\n"
