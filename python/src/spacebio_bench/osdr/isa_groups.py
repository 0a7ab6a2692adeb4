"""Which tissue and mission each sample of a study belongs to."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from spacebio_bench.cohort._findings import Findings, listing
from spacebio_bench.osdr.columns import Recorded, snake
from spacebio_bench.osdr.conditions import MissionRules, Rules, words
from spacebio_bench.osdr.isa import Archive
from spacebio_bench.osdr.isa_table import plain

Group = tuple[str, str]
"""Tissue and mission; "" where nothing tells it."""

_SIDE = re.compile(r"^(left|right) | (tissue|muscle)$", re.IGNORECASE)


def tissue_of(material: str, rules: Rules) -> str:
    """Tissue of a recorded material; one that no rule names keeps its name without a side."""
    plain_text = words(material)
    while (shorter := _SIDE.sub("", plain_text).strip()) != plain_text:
        plain_text = shorter
    named = (tissue for tissue, p in rules.tissues.items() if p.fullmatch(plain_text))
    return next(named, snake(plain_text))


def mission_in(texts: Sequence[str], rules: MissionRules) -> str:
    """The one mission that texts name, by its name or its vehicle; "" for none or several."""
    found: dict[str, None] = {}
    for text in texts:
        plain_text = words(text)
        for form, pattern in rules.names.items():
            inside = rf"(?<![a-z0-9])(?:{pattern.pattern})(?![0-9])"
            for match in re.finditer(inside, plain_text, re.IGNORECASE):
                number = next(g for g in reversed(match.groups()) if g and g.isdecimal())
                found[form.replace("{}", str(int(number)))] = None
    if not found:
        pieces = [p.strip() for text in texts for p in re.split(r"[,;]", text)]
        found = {m: None for p in pieces if (m := rules.vehicles.get(words(p)))}
    return next(iter(found)) if len(found) == 1 else ""


def groups_of(
    samples: Sequence[str],
    accession: str,
    recorded: Recorded,
    archive: Archive,
    metadata: Mapping[str, Any],
    rules: Rules,
) -> dict[str, Group]:
    """Tissue and mission of every sample, by the declared sources in their order."""
    own = rules.studies.get(accession, {})
    comments = [v for h in rules.mission.investigation for v in _comment(archive, h)]
    shared = [
        *(mission_in([comment], rules.mission) for comment in comments),
        mission_in(list(_texts(metadata, rules.mission.api)), rules.mission),
    ]
    of_study = next(filter(None, shared), "")
    groups = {}
    for sample in samples:
        told = recorded.value(sample, rules.mission.columns)
        by_column = mission_in([told], rules.mission) or re.sub(r"[^A-Za-z0-9_.+-]+", "-", told)
        by_id = mission_in([sample], rules.mission)
        mission = own.get("mission") or by_column or by_id or of_study
        material = recorded.value(sample, rules.columns["material"])
        groups[sample] = (own.get("tissue") or tissue_of(material, rules), mission)
    return groups


def _comment(archive: Archive, header: str) -> Sequence[str]:
    return [v for v in archive.investigation.get(plain(header), ()) if v]


def _texts(data: Any, keys: frozenset[str], *, inside: bool = False) -> Iterator[str]:
    """Texts under the given keys, however deep the answer nests them."""
    if isinstance(data, Mapping):
        for key, value in data.items():
            yield from _texts(value, keys, inside=inside or words(str(key)) in keys)
    elif isinstance(data, list | tuple):
        for value in data:
            yield from _texts(value, keys, inside=inside)
    elif inside and isinstance(data, str):
        yield data


def all_groups(groups: Mapping[str, Group], where: str, findings: Findings) -> list[Group]:
    """Every tissue and mission there is; a problem where samples lack one."""
    for i, (word, place) in enumerate(
        (("tissue", "the recorded material"), ("mission", "a mission column, the ids, the project"))
    ):
        lacking = [s for s, group in groups.items() if not group[i]]
        if lacking:
            what = (
                f"the {word} of {listing(lacking)} is not told by {place}. Take the study from the "
                f"catalog, or name its {word} under `studies` in a file for --conditions."
            )
            findings.wrong(where, what)
    return sorted(set(groups.values()))


def wanted_groups(
    groups: Mapping[str, Group],
    wanted: Sequence[Group],
    rules: MissionRules,
    where: str,
    findings: Findings,
) -> dict[Group, list[str]]:
    """Samples of every wanted tissue and mission; what cannot be told apart is a problem."""
    chosen: dict[Group, list[str]] = {}
    for tissue, mission in wanted:
        here = [s for s, group in groups.items() if group[0] == tissue]
        if not here:
            there = listing(sorted({g[0] or "none recorded" for g in groups.values()}))
            findings.wrong(where, f"has no sample of tissue {tissue}; there is {there}.")
            continue
        missions = sorted({groups[s][1] for s in here})
        rivals = [m for t, m in wanted if t == tissue and m != mission]
        of_mission = [s for s in here if groups[s][1] == mission]
        if missions == [""] and not rivals:
            findings.note(
                where, f"no table tells the mission of {tissue}; the catalog says {mission}."
            )
            of_mission = here
        elif not of_mission and len(missions) == 1 and not rivals and not _is_named(mission, rules):
            findings.note(where, f"{missions[0]} is recorded; the catalog says {mission}.")
            of_mission = here
        elif not of_mission or "" in missions:
            there = listing([m or "samples without a mission" for m in missions])
            what = f"has no sample of {tissue} told to be of mission {mission}"
            if of_mission:
                what = f"samples of {tissue} cannot be told apart by mission"
            findings.wrong(where, f"{what}; there is {there}.")
        if of_mission:
            chosen[tissue, mission] = of_mission
    taken = {s for samples in chosen.values() for s in samples}
    _note_left_out([g for s, g in groups.items() if s not in taken], where, findings)
    return chosen


def _is_named(mission: str, rules: MissionRules) -> bool:
    return mission_in([mission], rules) == mission


def _note_left_out(left: Sequence[Group], where: str, findings: Findings) -> None:
    for group in sorted(set(left)):
        name = " of ".join(filter(None, group)) or "no tissue"
        findings.note(where, f"{left.count(group)} samples ({name}) are not wanted; left out.")
