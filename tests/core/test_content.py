"""Content files are read whole; what is wrong is told with file, line and mend."""

from __future__ import annotations

from pathlib import Path

from portal.core.content import Library, Problems, load_markdown, load_toml


def test_a_broken_toml_file_is_told_with_its_line(tmp_path: Path) -> None:
    path, problems = tmp_path / "skills.toml", Problems()
    path.write_text('[[skills]]\nslug = "a"\nname = \n')
    assert load_toml(path, problems) == {}
    assert [(problem.file, problem.line) for problem in problems.found] == [(str(path), 3)]


def test_a_missing_file_is_a_problem_not_a_crash(tmp_path: Path) -> None:
    problems = Problems()
    assert load_toml(tmp_path / "none.toml", problems) == {}
    assert load_markdown(tmp_path / "none.md", problems) is None
    assert len(problems.found) == 2


def test_broken_front_matter_is_told_with_its_line(tmp_path: Path) -> None:
    path, problems = tmp_path / "role.md", Problems()
    path.write_text("---\ntitle: Mentor\npurpose: [a\n---\nBody\n")
    assert load_markdown(path, problems) is None
    assert problems.found[0].line in {3, 4, 5}


def test_a_document_knows_the_lines_of_its_keys_and_its_body(tmp_path: Path) -> None:
    path, problems = tmp_path / "role.md", Problems()
    path.write_text("---\ntitle: Mentor\nseats: 2\n---\n\n## Heading\n")
    document = load_markdown(path, problems)
    assert document
    assert document.meta == {"title": "Mentor", "seats": 2}
    assert (document.line_of("seats"), document.body_line) == (3, 6)


def test_the_library_gives_things_by_type() -> None:
    library = Library()
    library.put(Problems())
    assert library.get(Problems) == Problems()
