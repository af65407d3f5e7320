"""Pages with a payload of one's own: what a page carries is data, so a test can give it a run or a tour of its own."""

import json
import re

import chargru

PAYLOAD = re.compile(r'(<script type="application/json" id="payload">)(.*?)(</script>)', re.DOTALL)


def payload(page):
    """What a page carries, as a document."""
    return json.loads(PAYLOAD.search(page)[2])


def page(model, text=None, **changes):
    """The page of a model and a text (its own if None), with some entries of its payload replaced."""
    written = chargru.show(chargru.explore(model, text), "html")
    document = payload(written)
    document["conventions"] = document["conventions"] or CONVENTIONS
    inside = json.dumps({**document, **changes}).replace("<", "\\u003c")
    return PAYLOAD.sub(lambda match: match[1] + inside + match[3], written)


def _letter(letter, subscript="", tilde=False):
    return {"letter": letter, "subscript": subscript, "tilde": tilde, "angled": False, "time": 0}


def _convention(name, rules, *, takes, **letters):
    empty = {"meaning": {}, "notes": [], "another": "", "formulas": {}, "chains": {}, "addends": {}}
    return {"name": name, "who": name, "takes": takes, "rules": rules, "letters": letters, **empty}


CONVENTIONS = [
    _convention(
        "torch",
        "kept where z > 0.9",
        takes=False,
        r=_letter("r"),
        z=_letter("z"),
        n=_letter("n"),
        h=_letter("h"),
        x=_letter("x"),
    ),
    _convention(
        "course",
        "kept where gamma_u < 0.1",
        takes=True,
        r=_letter("gamma", "r"),
        z=_letter("gamma", "u"),
        n=_letter("c", tilde=True),
        h=_letter("c"),
        x=_letter("x"),
    ),
]


def until(tab, condition, data=None):
    """Wait until a condition, an expression that may use `data`, holds in a page.

    Playwright's wait_for_function evaluates strings in the page, which its policy forbids.
    """
    tab.evaluate(
        f"""(data) => new Promise((resolve, reject) => {{
          const end = performance.now() + 20000;
          const look = () => {{
            if ({condition}) resolve();
            else if (performance.now() > end) reject(new Error({json.dumps(f"never came: {condition}")}));
            else setTimeout(look, 10);
          }};
          look();
        }})""",
        data,
    )
