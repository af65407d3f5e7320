"""The heat map: what a place on the canvas shows and says is the library's, and rows stand in the order of NumPy's."""

import drawn
import numpy as np
import pytest

import chargru

pytestmark = pytest.mark.slow

LAYERS = 2
STEP, INDEX = 30, 4


@pytest.fixture(scope="module")
def model():
    return drawn.model(layers=LAYERS, seed=3)


@pytest.fixture
def html(model):
    return chargru.show(chargru.explore(model), "html")


@pytest.fixture
def place(modules):
    """Where a row and a step stand on the canvas of an open page: place(page, H, row, t) -> (x, y, width, height)."""
    run = modules("mapgeometry.js")

    def find(page, H, row, t, *, wide=False):
        width, scroll = page.eval_on_selector("#map .map", "(box) => [box.clientWidth, box.scrollLeft]")
        T = page.evaluate("chargru.experiment.T")
        return run(
            "(() => { const { H, T, width, wide, scroll, row, t } = data;"
            " const made = Object.assign(new MapGeometry(H, T, width, wide, 1), { scroll });"
            " return [made.x(t), made.y(row), made.column, made.row]; })()",
            {"H": H, "T": T, "width": width, "wide": wide, "scroll": scroll, "row": row, "t": t},
        )

    return find


def middle(box):
    x, y, width, height = box
    return {"x": x + width / 2, "y": y + height / 2}


def drawn_again(page):
    """Wait until what the page owes has been drawn."""
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")


def show(page, **view):
    page.evaluate("(view) => chargru.store.set(view)", view)
    drawn_again(page)


def line(page, box):
    page.hover("#map canvas", position=middle(box))
    drawn_again(page)
    return page.inner_text("#map .reading")


def pixel(page, box):
    drawn_again(page)
    found = page.eval_on_selector(
        "#map canvas",
        """(canvas, { x, y }) => {
            const copy = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
            copy.drawImage(canvas, x, y, 1, 1, 0, 0, 1, 1);
            return [...copy.getImageData(0, 0, 1, 1).data];
        }""",
        {name: int(place) for name, place in middle(box).items()},
    )
    return tuple(found[:3])


def values(model, layer=LAYERS):
    text = model.trace_text
    return chargru.trace(model, text, steps=range(1, len(text) + 1)).layers[layer - 1]


@pytest.mark.parametrize(("gate", "scale"), [("z", "gate"), ("n", "state")])
@pytest.mark.parametrize("layer", [1, 2])
def test_a_cell_shows_and_says_the_number_of_the_trace(open_page, html, model, modules, place, gate, scale, layer):
    page = open_page(html, hash=f"step={STEP}&index={INDEX}&layer={layer}&gate={gate}&order=age")
    expected = getattr(values(model, layer), gate)
    rows = by_age(values(model, layer).z)
    assert rows != sorted(rows)
    run = modules("colour.js")
    for step, index in ((3, 0), (20, 5), (STEP, 2)):
        box = place(page, 6, rows.index(index), step)
        value = float(expected[step - 1, index])
        css = run(f"(() => {{ const scale = scaleNamed('{scale}'); return scale.css[scale.level(data)]; }})()", value)
        assert pixel(page, box) == tuple(map(int, css[4:-1].split()))
        said = line(page, box)
        assert said.startswith(f"step {step} “{model.trace_text[step - 1]}”, index {index}: ")
        assert f": {gate}_{step}[{index}] = {value:z.4f};" in said
        page.mouse.move(0, 0)


def test_the_line_says_the_selected_cell_where_the_pointer_is_elsewhere(open_page, html, model, place):
    page = open_page(html, hash=f"step={STEP}&index={INDEX}&gate=h")
    selected = f"h_{STEP}[{INDEX}] = {values(model).h[STEP - 1, INDEX]:z.4f}"
    assert selected in page.inner_text("#map .reading")
    assert selected not in line(page, place(page, 6, 1, 3))
    page.mouse.move(0, 0)
    drawn_again(page)
    assert selected in page.inner_text("#map .reading")
    assert page.get_attribute("#map canvas", "aria-label").endswith(f"Selected: {selected}.")


def test_where_the_gate_takes_the_map_counts_as_its_authors_do(open_page, html, model, place):
    page = open_page(html, hash=f"step={STEP}&index={INDEX}&gate=z&letters=course")
    assert f": gamma_u<9>[2] = {1 - values(model).z[8, 2]:z.4f};" in line(page, place(page, 6, 2, 9))


def test_a_click_selects_step_and_index_in_any_order(open_page, html, model, place):
    page = open_page(html, hash="step=1&index=0&order=age")
    rows = by_age(values(model).z)
    page.click("#map canvas", position=middle(place(page, 6, 4, 33)))
    view = page.evaluate("chargru.store.view")
    assert (view["step"], view["index"]) == (33, rows[4])


def test_the_keys_up_and_down_go_along_the_rows_as_they_stand(open_page, html, model):
    rows = by_age(values(model).z)
    page = open_page(html, hash=f"step=1&index={rows[3]}&order=age")
    page.focus("#map .map")
    found = []
    for key in ("ArrowUp", "ArrowUp", "ArrowUp", "ArrowUp", "ArrowDown", "Shift+ArrowDown"):
        page.keyboard.press(key)
        found.append(page.evaluate("chargru.store.view.index"))
    assert found == [rows[place] for place in (2, 1, 0, 0, 1, 2)]


def test_the_selects_choose_quantity_and_order(open_page, html):
    page = open_page(html, hash="step=1&index=0")
    page.locator("#map select").nth(0).select_option("n")
    page.locator("#map select").nth(1).select_option("similarity")
    view = page.evaluate("chargru.store.view")
    assert (view["gate"], view["order"]) == ("n", "similarity")


def ages(z):
    """The mean over the steps of a_t = z_t (1 + a_{t-1}), (H)."""
    age, total = np.zeros(z.shape[1]), np.zeros(z.shape[1])
    for row in z:
        age = row * (1 + age)
        total += age
    return total / len(z)


def by_age(z):
    return np.argsort(-ages(z), kind="stable").tolist()


def alike(values):
    """Average linkage on correlations, groups turned so that the ends that meet are alike."""
    thinned = values[:: -(-len(values) // 256)]
    flat = (thinned == thinned[0]).all(axis=0)
    centred = thinned - thinned.mean(axis=0)
    unit = np.where(flat, 0, centred / np.where(flat, 1, np.linalg.norm(centred, axis=0)))
    likeness = unit.T @ unit
    groups = [[index] for index in range(values.shape[1])]
    while len(groups) > 1:
        means = {(a, b): likeness[np.ix_(groups[a], groups[b])].mean() for a in range(len(groups)) for b in range(a)}
        b, a = sorted(max(means, key=means.get))
        one, other = groups[b], groups.pop(a)
        ways = [(left, right) for right in (other, other[::-1]) for left in (one, one[::-1])]
        left, right = max(ways, key=lambda way: likeness[way[0][-1], way[1][0]])
        groups[b] = left + right
    return groups[0]


def ordered(run, values, order):
    T, H = values.shape
    return run(
        "Array.from(orderedIndices({ H: data.H, T: data.T, layers: [{ z: Float64Array.from(data.z) }] }, 0, 'z',"
        " data.order))",
        {"H": H, "T": T, "z": values.ravel().tolist(), "order": order},
    )


@pytest.mark.parametrize(("T", "H"), [(40, 3), (300, 20), (1000, 64)])
def test_orders_are_numpys(modules, T, H):
    generator = np.random.default_rng(T)
    shared = generator.uniform(size=(T, 4))
    mixed = shared[:, generator.integers(4, size=H)] * 0.6 + generator.uniform(size=(T, H)) * 0.4
    run = modules("order.js")
    assert ordered(run, mixed, "index") == list(range(H))
    assert ordered(run, mixed, "age") == by_age(mixed)
    assert ordered(run, mixed, "similarity") == alike(mixed)


def test_rows_that_behave_alike_stand_beside_each_other(modules):
    generator = np.random.default_rng(1)
    kinds = np.array([0, 1, 2, 0, 1, 2, 0, 1, 2, 0])
    rows = generator.uniform(size=(200, 3))[:, kinds] + generator.uniform(size=(200, 10)) * 0.1
    found = kinds[ordered(modules("order.js"), rows, "similarity")]
    assert np.count_nonzero(np.diff(found)) == 2


def test_rows_that_never_change_are_ordered_too(modules):
    rows = np.random.default_rng(2).uniform(size=(30, 5))
    rows[:, [1, 3]] = [1.0, 0.1]
    run = modules("order.js")
    assert sorted(ordered(run, rows, "similarity")) == [0, 1, 2, 3, 4]
    assert ordered(run, np.zeros((5, 4)), "age") == [0, 1, 2, 3]
    assert sorted(ordered(run, np.zeros((5, 4)), "similarity")) == [0, 1, 2, 3]


def test_holding_a_gate_does_not_move_the_rows_but_their_ages(open_page, html, model, place):
    page = open_page(html, hash="step=10&index=0&order=age&gate=z")
    rows = by_age(values(model).z)
    show(page, hold=[f"2:z[{rows[0]}]=0"])
    page.wait_for_function("chargru.experiment.held !== null")
    said = line(page, place(page, 6, 0, 12))
    assert f"index {rows[0]}: z_12[{rows[0]}] = 0.0000; mean age 0.0 steps" in said
    assert f"mean age {ages(values(model).z)[rows[1]]:.1f} steps" in line(page, place(page, 6, 1, 12))


def test_a_step_selected_elsewhere_comes_into_sight_in_the_maps_own_box(open_page, place):
    model = drawn.model("ab" * 400)
    page = open_page(chargru.show(chargru.explore(model, steps=800), "html"), width=400, hash="step=1&index=0")
    assert page.evaluate("document.documentElement.scrollWidth") <= 400
    for step in (790, 400, 401, 2):
        show(page, step=step)
        x, _, width, _ = place(page, 6, 0, step)
        inner = page.eval_on_selector("#map .map", "(box) => box.clientWidth")
        assert x > 0
        assert x + width < inner
        assert f"z_{step}[3] = " in line(page, place(page, 6, 3, step))


def test_wide_columns_have_their_characters_and_are_hit(open_page, place):
    model = drawn.model("ab" * 400)
    page = open_page(chargru.show(chargru.explore(model, steps=800), "html"), hash="step=500&index=0")
    narrow = place(page, 6, 2, 500)[2]
    page.check("#map input[type=checkbox]")
    drawn_again(page)
    box = place(page, 6, 2, 505, wide=True)
    assert box[2] >= 9 > narrow
    assert line(page, box).startswith(f"step 505 “{model.trace_text[504]}”, index 2: ")


def test_the_theme_changes_the_cells(open_page, html, modules, model, place):
    page = open_page(html, hash=f"step={STEP}&index={INDEX}&gate=h")
    page.evaluate("() => { document.documentElement.dataset.theme = 'dark'; }")
    css = modules("colour.js")(
        "(() => { document.documentElement.dataset.theme = 'dark'; const scale = scaleNamed('state');"
        " return scale.css[scale.level(data)]; })()",
        float(values(model).h[2, 1]),
    )
    assert pixel(page, place(page, 6, 1, 3)) == tuple(map(int, css[4:-1].split()))
