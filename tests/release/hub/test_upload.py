"""Uploads against a hub on this machine, with failures in the middle."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import pytest

from spacebio_bench.errors import InputError, RunError
from spacebio_bench.release.hub_client import Hub, open_hub
from spacebio_bench.release.hub_plan import build_plan
from spacebio_bench.release.hub_upload import compare_remote, upload
from spacebio_bench.release.upload_plan import UploadPlan

from ._store import LARGE, REPO, SIGNATURE, FakeHub
from .conftest import TOKEN

HERE = Path()


def large(plan: UploadPlan) -> set[str]:
    """sha256 of the files that go as large ones."""
    return {f.sha256 for f in plan.files if f.bytes >= LARGE or f.repo_path.endswith(".parquet")}


def as_planned(plan: UploadPlan, server: FakeHub) -> bool:
    return all(
        hashlib.sha256(server.content(file.repo_path)).hexdigest() == file.sha256
        for file in plan.files
    )


def test_everything_goes_in_one_commit_and_is_compared(
    plan: UploadPlan, hub: Hub, server: FakeHub
) -> None:
    said: list[str] = []
    done = upload(plan, hub, root=HERE, message="first", tell=said.append)
    assert done.whole
    assert as_planned(plan, server)
    assert set(server.head.tree) == {file.repo_path for file in plan.files}
    assert [c.message for c in server.history[1:]] == ["first"]
    assert (done.parent, done.commit) == ("0" * 40, server.head.oid)
    assert server.counts["put"] == len(large(plan))
    assert done.verified.counts()["same"] == len(plan.files)
    assert said[-1] == f"comparing {len(plan.files)} files at {done.commit[:12]}"


def test_a_second_call_commits_nothing(plan: UploadPlan, hub: Hub, server: FakeHub) -> None:
    first = upload(plan, hub, root=HERE)
    before = dict(server.counts)
    again = upload(plan, hub, root=HERE)
    assert again.whole
    assert (again.parent, again.commit, again.sent) == (first.commit, first.commit, ())
    assert server.counts["put"] == before["put"]
    assert server.counts["commit"] == before["commit"]


def test_only_what_differs_is_sent(
    folder: Path, plan: UploadPlan, hub: Hub, server: FakeHub
) -> None:
    upload(plan, hub, root=HERE)
    puts = server.counts["put"]
    server.add("A5_skin_lomo/task_info.json", b"changed by somebody")
    (folder / "docs" / "hf_dataset_card.md").write_text("# Folds, second edition\n")
    changed = build_plan(Path("folds"), "A5", repo_id=REPO, card=Path("docs/hf_dataset_card.md"))
    done = upload(changed, hub, root=HERE)
    assert done.sent == ("A5_skin_lomo/task_info.json", "README.md")
    assert done.whole
    assert server.counts["put"] == puts
    assert as_planned(changed, server)


@dataclass(frozen=True)
class Passing:
    """Faults that the library gets over by itself."""

    faults: dict[tuple[str, int], int | str]


PASSING = {
    "500 at the third object": Passing({("put", 3): 500}),
    "reset in the middle of an object": Passing({("put", 2): "reset"}),
    "429 at the batch": Passing({("batch", 1): 429}),
    "503 at the listing": Passing({("tree", 1): 503}),
}


@pytest.mark.parametrize("case", PASSING.values(), ids=PASSING.keys())
def test_passing_faults_are_tried_again(
    case: Passing, plan: UploadPlan, hub: Hub, server: FakeHub
) -> None:
    server.faults = dict(case.faults)
    assert upload(plan, hub, root=HERE).whole
    assert len(server.history) == 2
    assert as_planned(plan, server)


def test_a_second_call_sends_only_objects_that_had_not_arrived(
    plan: UploadPlan, hub: Hub, server: FakeHub
) -> None:
    server.faults = {("put", n): 500 for n in range(4, 200)}
    with pytest.raises(RunError, match=r"sending files: .*what has arrived is not sent again"):
        upload(plan, hub, root=HERE)
    assert len(server.history) == 1, "nothing was committed"
    arrived = len(server.objects)
    assert 0 < arrived < len(large(plan))
    server.faults, server.counts["put"] = {}, 0
    assert upload(plan, hub, root=HERE).whole
    assert server.counts["put"] == len(large(plan)) - arrived
    assert as_planned(plan, server)


def test_a_commit_whose_answer_was_lost_is_found(
    plan: UploadPlan, hub: Hub, server: FakeHub
) -> None:
    server.faults = {("commit", 1): "lost"}
    with pytest.raises(RunError, match=r"committing: .*Run the same command again"):
        upload(plan, hub, root=HERE)
    again = upload(plan, hub, root=HERE)
    assert again.whole
    assert again.sent == ()
    assert len(server.history) == 2


def test_a_branch_that_moves_gets_no_commit(plan: UploadPlan, hub: Hub, server: FakeHub) -> None:
    server.before_commit = lambda other: other.add("other.txt", b"faster")
    with pytest.raises(RunError, match="Somebody else changed the repository meanwhile"):
        upload(plan, hub, root=HERE)
    assert list(server.head.tree) == ["other.txt"]
    server.before_commit = None
    assert upload(plan, hub, root=HERE).whole
    assert server.content("other.txt") == b"faster"


def test_wrong_content_in_a_commit_fails_the_comparison(
    plan: UploadPlan, hub: Hub, server: FakeHub
) -> None:
    server.faults = {("commit", 1): "wrong"}
    done = upload(plan, hub, root=HERE)
    assert not done.whole
    wrong = {file.repo_path for file in done.verified.having("differs")}
    assert wrong == {f.repo_path for f in plan.files if f.sha256 not in large(plan)}
    assert all("git sha1" in file.note for file in done.verified.having("differs"))


def test_content_that_is_not_what_its_name_says_is_found_by_download(
    plan: UploadPlan, hub: Hub, server: FakeHub
) -> None:
    server.faults = {("put", 1): "wrong"}
    done = upload(plan, hub, root=HERE)
    assert done.whole, "the listing has the names only"
    found = compare_remote(plan, hub, root=HERE, download=True)
    (bad,) = found.having("differs")
    assert hashlib.sha256(server.content(bad.repo_path)).hexdigest() not in large(plan)
    assert found.counts()["same"] == len(plan.files) - 1


def test_a_file_that_the_repository_ignores_is_missed(
    plan: UploadPlan, hub: Hub, server: FakeHub
) -> None:
    server.ignored = ("A5_skin_lomo/task_info.json",)
    done = upload(plan, hub, root=HERE)
    assert not done.whole
    assert [f.repo_path for f in done.verified.having("missing")] == list(server.ignored)


def test_what_is_beside_the_plan_is_told_and_deleted_only_on_demand(
    plan: UploadPlan, hub: Hub, server: FakeHub
) -> None:
    server.add("A5_skin_lomo/fold_OLD_test/train_y.csv", b"old")
    server.add("A6_eye_lomo/task_info.json", b"of another task")
    done = upload(plan, hub, root=HERE)
    assert done.whole
    (extra,) = done.verified.having("extra")
    assert extra.repo_path == "A5_skin_lomo/fold_OLD_test/train_y.csv"
    pruned = upload(plan, hub, root=HERE, prune=True)
    assert pruned.deleted == (extra.repo_path,)
    assert extra.repo_path not in server.head.tree
    assert "A6_eye_lomo/task_info.json" in server.head.tree


def test_changed_local_files_are_all_named_before_the_hub_is_asked(
    folder: Path, plan: UploadPlan, hub: Hub, server: FakeHub
) -> None:
    (folder / plan.files[0].local_path).unlink()
    other = folder / plan.files[1].local_path
    other.write_bytes(other.read_bytes()[::-1])
    longer = folder / plan.files[2].local_path
    longer.write_bytes(b"x" * 9999)
    with pytest.raises(InputError) as caught:
        upload(plan, hub, root=HERE)
    said = str(caught.value)
    assert f"{plan.files[0].local_path}: is not there" in said
    assert f"{plan.files[1].local_path}: is not what was planned (sha256)" in said
    assert f"{plan.files[2].local_path}: has 9999 bytes" in said
    assert not server.counts


def test_a_card_that_the_hub_refuses_is_the_users(folder: Path, hub: Hub, server: FakeHub) -> None:
    (folder / "card.md").write_text("---\nlicence: [\n---\n")
    plan = build_plan(Path("folds"), "A5", repo_id=REPO, card=Path("card.md"))
    with pytest.raises(InputError, match=r"README.md: the hub refuses .* unexpected end"):
        upload(plan, hub, root=HERE)
    assert len(server.history) == 1


@dataclass(frozen=True)
class Refused:
    """A failure that ends the upload, and what is said."""

    fault: tuple[str, int | str]
    message: str


REFUSED = {
    "401": Refused(("info", 401), "Log in with `hf auth login`"),
    "403 at the commit": Refused(("commit", 403), "Log in with `hf auth login`"),
    "500 that stays": Refused(("tree", 500), "listing the files of 000000000000: "),
    "reset that stays": Refused(("put", "reset"), "Error while uploading"),
    "no JSON": Refused(("info", "garbage"), "asking for main: "),
    "no JSON at the commit": Refused(("commit", "garbage"), "committing: "),
    "no JSON at the card": Refused(("yaml", "garbage"), "committing: "),
}


@pytest.mark.parametrize("case", REFUSED.values(), ids=REFUSED.keys())
def test_what_the_hub_refuses_is_told_without_secrets(
    case: Refused, plan: UploadPlan, hub: Hub, server: FakeHub, capfd: pytest.CaptureFixture[str]
) -> None:
    kind, what = case.fault
    server.faults = {(kind, 0): what}
    with pytest.raises(RunError) as caught:
        upload(plan, hub, root=HERE)
    out = capfd.readouterr()
    said = str(caught.value)
    assert case.message in said
    assert server.url in said
    for text in (said, out.out, out.err, repr(hub)):
        assert TOKEN not in text
        assert SIGNATURE not in text


def test_a_commit_that_cannot_be_compared_is_told(
    plan: UploadPlan, hub: Hub, server: FakeHub
) -> None:
    server.before_commit = lambda other: other.faults.update({("tree", 0): 500})
    with pytest.raises(RunError, match=r"The commit [0-9a-f]{40} is there, but was not verified"):
        upload(plan, hub, root=HERE)
    assert as_planned(plan, server)


def test_another_token_is_refused_and_not_shown(
    plan: UploadPlan, server: FakeHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", "unlike-a-token-but-secret")
    with pytest.raises(RunError) as caught:
        upload(plan, open_hub(REPO, endpoint=server.url), root=HERE)
    assert "unlike-a-token" not in str(caught.value)
    assert "what is Bearer <token>" in str(caught.value)


def test_the_login_of_the_hub_is_used(
    plan: UploadPlan, server: FakeHub, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "token").write_text(TOKEN)
    monkeypatch.setattr("huggingface_hub.constants.HF_TOKEN_PATH", str(tmp_path / "token"))
    assert upload(plan, open_hub(REPO, endpoint=server.url), root=HERE).whole


def test_no_hub_no_repository_no_branch(plan: UploadPlan, hub: Hub, server: FakeHub) -> None:
    with pytest.raises(RunError, match="There is no such branch"):
        compare_remote(plan, hub, root=HERE, revision="dev")
    with pytest.raises(RunError, match="There is no such dataset"):
        compare_remote(plan, open_hub("lab/other", endpoint=server.url), root=HERE)
    with pytest.raises(RunError, match="asking for main"):
        compare_remote(plan, open_hub(REPO, endpoint="http://127.0.0.1:9"), root=HERE)
