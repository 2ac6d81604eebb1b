"""From the command line's inputs to recordings: ids, lists, folders, URLs."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from batch_support import touch
from onset.batch.errors import BatchError, UsageError
from onset.batch.identity import printable, recording_id
from onset.batch.inputs import find_all
from onset.batch.lists import list_location, read_list
from onset.batch.natural import natural_key
from onset.batch.urls import absolute, is_url
from onset.batch.walk import NotOne, Recording


def names(found: list[Recording | NotOne], root: Path) -> list[tuple[str, str]]:
    """What was found, by its path below `root` and its kind or status."""
    return [
        (os.path.relpath(item.location, root), item.kind if isinstance(item, Recording) else item.status)
        for item in found
    ]


def test_an_id_depends_on_the_path_alone_and_is_a_safe_file_name() -> None:
    first = recording_id("/data/a/Interview 3 (final).mp4")
    assert first == recording_id("/data/a/Interview 3 (final).mp4")
    assert first.startswith("Interview_3_final-")
    assert first != recording_id("/data/b/Interview 3 (final).mp4")
    for location in ["/data/Évelyne=1.mkv", "s3://b/日本.mp4", "/data/" + "x" * 200 + ".mp4", "/data/\udcff.mp4", "/"]:
        identity = recording_id(location)
        assert len(identity) <= 61 and identity.isascii()
        assert all(character.isalnum() or character in "_-" for character in identity)
    assert recording_id("zip://clip.mp4::s3://b/all.zip").startswith("clip-")


def test_names_that_are_no_unicode_are_printable() -> None:
    assert printable("a\udcffb") == "a\\udcffb"
    assert printable("é 日本") == "é 日本"


def test_natural_order_is_the_programs() -> None:
    given = ["f10.png", "f2.png", "F1.png", "f02b.png", "f.png", "f002.png", "g1.png", "é3.png", "é12.png"]
    expected = ["f.png", "F1.png", "f002.png", "f2.png", "f02b.png", "f10.png", "g1.png", "é3.png", "é12.png"]
    assert sorted(given, key=natural_key) == expected


def test_a_folder_is_walked_in_natural_order(tmp_path: Path) -> None:
    touch(
        tmp_path,
        "take10.mp4",
        "take2.MKV",
        ".hidden.mp4",
        ".cache/x.mp4",
        "notes.docx",
        "README",
        "frames/f1.png",
        "frames/f2.png",
        "frames/timestamps.txt",
        "frames/more/talk.avi",
        "s1/session.toml",
        "s1/session.mcap",
        "s1/export/clip.mp4",
        "out/frames/recording=x/frames.parquet",
    )
    found = find_all([str(tmp_path)], str(tmp_path / "out"))
    assert names(found, tmp_path) == [
        ("frames", "pictures"),
        ("frames/more/talk.avi", "file"),
        ("notes.docx", "skipped"),
        ("README", "skipped"),
        ("s1", "session"),
        ("take2.MKV", "file"),
        ("take10.mp4", "file"),
    ]
    reasons = [item.reason for item in found if isinstance(item, NotOne)]
    assert "(.docx)" in reasons[0] and "no ending" in reasons[1]


def test_pictures_beside_videos_are_no_recording_unless_they_have_times(tmp_path: Path) -> None:
    touch(tmp_path, "a/clip.mp4", "a/poster.jpg", "b/clip.mp4", "b/f1.png", "b/timestamps.csv")
    found = find_all([str(tmp_path)], "/nowhere")
    assert names(found, tmp_path) == [
        ("a", "skipped"),
        ("a/clip.mp4", "file"),
        ("b", "pictures"),
        ("b/clip.mp4", "file"),
    ]


def test_links_are_followed_but_not_in_circles_and_broken_ones_are_told(tmp_path: Path) -> None:
    touch(tmp_path, "real/clip.mp4")
    (tmp_path / "again").symlink_to(tmp_path / "real")
    (tmp_path / "real" / "up").symlink_to(tmp_path)
    (tmp_path / "gone.mp4").symlink_to(tmp_path / "nowhere.mp4")
    found = find_all([str(tmp_path)], "/nowhere")
    assert names(found, tmp_path) == [("gone.mp4", "failed"), ("again/clip.mp4", "file"), ("real/clip.mp4", "file")]


def test_a_missing_input_fails_alone_and_nothing_at_all_is_wrong_usage(tmp_path: Path) -> None:
    touch(tmp_path, "clip.mp4")
    (tmp_path / "empty").mkdir()
    inputs = [str(tmp_path / name) for name in ("gone.mp4", "empty", "no*.mp4", "clip.mp4")]
    found = find_all(inputs, "/nowhere")
    assert names(found, tmp_path) == [
        ("gone.mp4", "failed"),
        ("empty", "failed"),
        ("no*.mp4", "failed"),
        ("clip.mp4", "file"),
    ]
    with pytest.raises(UsageError, match=r"nothing to analyse.*gone\.mp4: there is no such file"):
        find_all(inputs[:1], "/nowhere")


def test_a_named_file_is_tried_whatever_its_ending(tmp_path: Path) -> None:
    touch(tmp_path, "clip.xyz")
    assert names(find_all([str(tmp_path / "clip.xyz")], "/nowhere"), tmp_path) == [("clip.xyz", "file")]


def test_what_is_given_twice_is_skipped_the_second_time(tmp_path: Path) -> None:
    touch(tmp_path, "a/clip.mp4", "a/note.doc")
    twice = [str(tmp_path / "a"), f"file://{tmp_path}/a/../a/clip.mp4", str(tmp_path / "a")]
    found = find_all(twice, "/nowhere")
    assert names(found, tmp_path) == [
        ("a/clip.mp4", "file"),
        ("a/note.doc", "skipped"),
        ("a/clip.mp4", "skipped"),
        ("a/clip.mp4", "skipped"),
    ]
    assert isinstance(found[2], NotOne) and "the same as" in found[2].reason


def test_two_recordings_never_share_an_id(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    touch(tmp_path, "a.mp4", "b.mp4")
    monkeypatch.setattr("onset.batch.inputs.recording_id", lambda _location: "same-0")
    with pytest.raises(BatchError, match=r"b\.mp4 and .*a\.mp4 have the same id"):
        find_all([str(tmp_path)], "/nowhere")


def test_a_list_has_comments_and_paths_of_its_own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    touch(tmp_path, "lists/a.mp4", "b.mp4")
    path = tmp_path / "lists" / "all.txt"
    lines = ["\ufeff# all of them", "", "  a.mp4  ", "../b.mp4", "s3://bucket/c.mp4", f"file://{tmp_path}/b.mp4"]
    path.write_text("\r\n".join(lines), encoding="utf-8")
    expected = [str(tmp_path / "lists/a.mp4"), str(tmp_path / "b.mp4"), "s3://bucket/c.mp4", str(tmp_path / "b.mp4")]
    assert read_list(str(path)) == expected

    monkeypatch.chdir(tmp_path)
    assert list_location("lists/all.txt") == str(path)
    assert list_location("@lists/any.lst") == str(tmp_path / "lists/any.lst")
    assert list_location("lists/a.mp4") is None
    (tmp_path / "folder.txt").mkdir()
    assert list_location("folder.txt") is None


def test_a_list_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"gone\.txt: there is no such list"):
        read_list(str(tmp_path / "gone.txt"))
    nested = tmp_path / "nested.txt"
    nested.write_text("# x\n@other.txt\n", encoding="utf-8")
    with pytest.raises(UsageError, match=r"nested\.txt, line 2"):
        read_list(str(nested))
    latin = tmp_path / "latin.txt"
    latin.write_bytes(b"caf\xe9.mp4\n")
    with pytest.raises(UsageError, match="UTF-8"):
        read_list(str(latin))


def test_a_changed_file_has_another_stamp(tmp_path: Path) -> None:
    touch(tmp_path, "clip.mp4", "p/f1.png", "s/session.toml", "s/session.mcap")

    def stamps() -> list[object]:
        return [item.stamp for item in find_all([str(tmp_path)], "/nowhere") if isinstance(item, Recording)]

    first = stamps()
    assert stamps() == first
    touch(tmp_path, "s/codings/anna.csv")
    assert stamps() == first, "codings come later and change no table"
    os.utime(tmp_path / "clip.mp4", ns=(1, 1))
    os.utime(tmp_path / "p" / "f1.png", ns=(1, 1))
    os.utime(tmp_path / "s" / "session.mcap", ns=(1, 1))
    assert all(now != before for now, before in zip(stamps(), first, strict=True))


def test_paths_and_urls_are_told_apart(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    assert [is_url(text) for text in ("s3://b/x", "zip://a.mp4::/x.zip", "simplecache::s3://b/x")] == [True] * 3
    assert [is_url(text) for text in ("/x/y", "x.mp4", "C:\\x", "file:///x/y.mp4")] == [False] * 4
    assert absolute("a/../b.mp4") == str(tmp_path / "b.mp4")
    assert absolute("file:///x/a%20b.mp4") == "/x/a b.mp4"
    assert absolute("~/a.mp4") == str(Path.home() / "a.mp4")
    assert absolute("~nobody.mp4") == str(tmp_path / "~nobody.mp4")
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    assert absolute("link") == str(tmp_path / "link"), "the same file keeps its id when its disk changes"


def test_what_fsspec_opens_is_found(tmp_path: Path) -> None:
    memory = pytest.importorskip("fsspec").filesystem("memory")
    for name in ("take10.mp4", "take2.mp4", ".x.mp4", "p/f1.png", "s/session.toml", "s/session.mcap", "readme.md"):
        memory.pipe_file(f"/inputs/{name}", name.encode())
    found = find_all(["memory://inputs", "memory://inputs/take*.mp4", "memory://inputs/gone.mp4"], str(tmp_path))
    assert [(item.location, getattr(item, "kind", None) or item.status) for item in found] == [  # type: ignore[union-attr]
        ("memory://inputs/p", "pictures"),
        ("memory://inputs/readme.md", "skipped"),
        ("memory://inputs/s", "session"),
        ("memory://inputs/take2.mp4", "file"),
        ("memory://inputs/take10.mp4", "file"),
        ("memory://inputs/take2.mp4", "skipped"),
        ("memory://inputs/take10.mp4", "skipped"),
        ("memory://inputs/gone.mp4", "failed"),
    ]


def test_what_is_inside_an_archive_is_found(tmp_path: Path) -> None:
    import zipfile

    pytest.importorskip("fsspec")
    archive = tmp_path / "all.zip"
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("day1/a.mp4", "a")
        file.writestr("b.mp4", "bb")
    expected = [f"zip://b.mp4::{archive}", f"zip://day1/a.mp4::{archive}"]
    found = find_all([f"zip://::{archive}"], "/nowhere")
    assert [item.location for item in found] == expected
    assert [item.stamp.size for item in found if isinstance(item, Recording)] == [2, 1]
    assert [item.location for item in find_all([expected[1]], "/nowhere")] == expected[1:]


def test_an_unknown_protocol_is_named() -> None:
    with pytest.raises(BatchError, match=r"nonsense://x"):
        find_all(["nonsense://x"], "/nowhere")
