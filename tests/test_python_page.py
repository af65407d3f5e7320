"""docs/python.md, followed from top to bottom in an empty folder with the reader's own texts."""

import doctest

import python_page


def test_the_examples_are_so(tmp_path, monkeypatch):
    python_page.texts(tmp_path)
    monkeypatch.chdir(tmp_path)
    examples = list(python_page.examples())
    assert len(examples) > 30
    page = doctest.DocTest(examples, {}, "python.md", "python.md", 0, None)
    report = []
    doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(page, out=report.append)
    assert "".join(report) == ""
    assert sorted(path.name for path in (tmp_path / "checkpoints").iterdir()) == ["letters-001", "novel-001"]
