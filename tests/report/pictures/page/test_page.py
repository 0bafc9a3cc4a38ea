"""The page, and what a browser makes of it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path as File
from typing import Any

import numpy as np
import pytest

from gdcli.report.pictures import Motion
from gdcli.report.pictures.page import drawn, figures
from gdcli.scenes.scene import Surface
from tests import example_scenes as scenes
from tests.chromium import PROGRAM, Browser

EVERY = scenes.every()
ROWS = 6
TWO = scenes.descent(scenes.path("α = 0.1", rows=ROWS), scenes.path("α = 0.2", (-1.0, 0.5), ROWS))
HOSTILE = '</script><img src="https://example.org/x">&<!--'
THREE_D = """(() => {{
  const scene = divs[0]._fullLayout.scene._scene, camera = scene.glplot.cameraParams;
  const trace = divs[0].data[{trace}];
  const times = (m, v) => [0, 1, 2, 3].map((i) => m[i] * v[0] + m[4 + i] * v[1] + m[8 + i] * v[2]
    + m[12 + i] * v[3]);
  const place = ["x", "y", "z"].map((name, i) => trace[name][{k}] * scene.dataScale[i]);
  const [x, y, , w] = times(camera.projection, times(camera.view, times(camera.model,
    [...place, 1])));
  const box = scene.container.getBoundingClientRect();
  return [box.x + box.width * (1 + x / w) / 2, box.y + box.height * (1 - y / w) / 2];
}})()"""
AT_REST = """new Promise((done) => {{
  let before = null, still = 0;
  const look = () => {{
    const now = {value};
    still = now === before ? still + 1 : 0;
    before = now;
    if (still < 10) requestAnimationFrame(look);
    else done(now);
  }};
  look();
}})"""
IN_THE_PLANE = """(() => {{
  const layout = divs[1]._fullLayout, box = divs[1].getBoundingClientRect();
  const trace = divs[1].data[{trace}];
  return [box.x + layout.xaxis._offset + layout.xaxis.d2p(trace.x[{k}]),
    box.y + layout.yaxis._offset + layout.yaxis.d2p(trace.y[{k}])];
}})()"""


def content(page: bytes) -> dict[str, Any]:
    found = re.search(r'<script id="content" type="application/json">(.*?)</script>', page.decode())
    assert found is not None
    read: dict[str, Any] = json.loads(found[1], parse_constant=lambda word: pytest.fail(word))
    return read


@pytest.mark.parametrize("kind", EVERY)
def test_everything_stands_in_the_page(kind: str) -> None:
    page = drawn(EVERY[kind], "html", Motion(fps=20))
    found = content(page)
    made, player = figures(EVERY[kind], Motion())
    assert found["figures"] == json.loads(json.dumps(made))
    assert found["moves"] == json.loads(json.dumps(player.content()["moves"]))
    assert found["rest"] == 50
    assert bool(found["moves"]) is kind.startswith(("descent", "slide"))


def test_the_page_asks_for_nothing() -> None:
    own = drawn(EVERY["descent"], "html", Motion()).decode().split("<script>")[0]
    assert "default-src 'none'" in own
    assert not re.search(r"https?:|src=|href=", own.replace("default-src=", ""))


def test_text_of_a_users_is_never_markup() -> None:
    scene = scenes.descent(scenes.path(HOSTILE))._replace(title=HOSTILE, notes=(HOSTILE,))
    page = drawn(scene, "html", Motion())
    assert HOSTILE.encode() not in page
    assert unescape(page.decode().split("<h1>")[1].split("</h1>")[0]) == HOSTILE
    assert content(page)["paths"][0]["words"][0][0] == HOSTILE
    assert page.count(b"</script>") == 3


def test_f_and_the_gradient_stand_on_the_page() -> None:
    page = drawn(EVERY["contour"], "html", Motion()).decode()
    found = re.sub("<.*?>", "", page.split('<p id="captions">')[1].split("</p>")[0])
    assert found == "x = 1, y = 0.5: f = 1.75, ∇f = (2, 3)"
    assert '<p id="captions"></p>' in drawn(EVERY["field"], "html", Motion()).decode()
    named = scenes.grid()._replace(axes=(scenes.ACROSS._replace(name="<x>"), scenes.UP))
    hostile = Surface("", named, scenes.ARROW, (), ())
    assert "<span>&lt;x&gt; = 1,</span>" in drawn(hostile, "html", Motion()).decode()


@pytest.mark.parametrize(
    ("high", "kind", "shape"),
    [(3.0, "contour", "square"), (0.0, "contour", "wide"), (0.0, "surface", "square")],
)
def test_a_plane_is_about_as_wide_as_high(high: float, kind: str, shape: str) -> None:
    axes = (scenes.ACROSS, scenes.UP._replace(high=high))
    scene: Any = EVERY[kind]
    scene = scene._replace(grid=scene.grid._replace(axes=axes))
    assert 'class="wide"' in drawn(EVERY["curve"], "html", Motion()).decode()
    assert f'<div id="figures" class="{shape}">' in drawn(scene, "html", Motion()).decode()


def test_fewer_frames_leave_out_no_iterate() -> None:
    found = content(drawn(EVERY["descent"], "html", Motion(frames=5)))
    assert found["frames"] == [[0], [3], [6], [8], [11]]
    assert found["paths"][0]["k"] == [*range(12)]
    assert [len(figure["data"][-2]["x"]) for figure in found["figures"]] == [12, 12]


def test_undefined_and_infinite_numbers_are_none() -> None:
    grid = scenes.grid(lambda x, y: np.where(x > 0, np.nan, x + y))
    scene = Surface("hole", grid, None, (), ())
    assert content(drawn(scene, "html", Motion()))["figures"][0]["data"][0]["z"][0][-1] is None


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> File:
    """The page of two descents."""
    made = tmp_path_factory.mktemp("page") / "two.html"
    made.write_bytes(drawn(TWO, "html", Motion(fps=100)))
    return made


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """A browser, for all tests of the page."""
    if PROGRAM is None:
        pytest.skip("there is no chromium on PATH to show the page")
    with Browser(tmp_path_factory.mktemp("profile")) as started:
        yield started


@pytest.fixture
def browser(started: Browser, file: File) -> Browser:
    """A browser that shows the page as it is opened, whatever an earlier test did to it."""
    started.events.clear()
    started.open(file)
    return started


def test_the_page_draws_without_an_error_or_a_request(browser: Browser, file: File) -> None:
    assert browser.complaints() == []
    assert browser.requests() == [file.as_uri()]
    assert browser.evaluate("document.querySelectorAll('#figures canvas').length") > 0
    assert browser.evaluate("document.querySelectorAll('#figures .contourlayer path').length") > 5


def test_every_figure_is_drawn(browser: Browser) -> None:
    paths = [scenes.path(f"from (1.2345, {number}.678)") for number in range(30)]
    for kind, scene in (EVERY | {"crowd": scenes.descent(*paths)}).items():
        for figure in figures(scene, Motion())[0]:
            drawing = json.dumps([figure["data"], figure["layout"]])
            names = browser.evaluate(
                "(async () => {"
                "const div = document.body.appendChild(document.createElement('div'));"
                "div.style = 'width: 280px; height: 352px';"  # the least that the page gives it
                f"await Plotly.newPlot(div, ...{drawing});"
                "const names = div._fullData.map((trace) => trace.type + trace.visible);"
                "Plotly.purge(div); div.remove(); return names; })()"
            )
            assert names == [f"{trace['type']}True".lower() for trace in figure["data"]], kind
    assert browser.complaints() == []
    assert len(browser.requests()) == 1


def test_nothing_offers_to_send_the_picture_away(browser: Browser) -> None:
    titles = browser.evaluate(
        "[...document.querySelectorAll('.modebar-btn')].map((button) => button.dataset.title)"
    )
    assert titles
    assert not [title for title in titles if re.search("[Ss]hare|[Cc]loud|[Ee]dit", title)]


def test_play_moves_the_point_from_start_to_end(browser: Browser) -> None:
    points = "divs.map((div) => div.data.at(-3).x[0])"  # of the first path, in both figures
    steps = [step.point[0] for step in TWO.paths[0].steps]
    assert browser.evaluate(points) == [steps[-1]] * 2
    browser.evaluate(
        "window.seen = []; divs[1].on('plotly_restyle', () =>"
        " seen.push([divs[0].data.at(-3).x[0], divs[1].data.at(-3).x[0], words.textContent])); 1"
    )
    browser.press("#play")
    browser.wait("timer === null && Number(place.value) === last && seen.length > last")
    seen = browser.evaluate("seen")
    assert [entry[1] for entry in seen] == steps
    assert [entry[0] for entry in seen] == steps
    assert [entry[2].split("   ")[1] for entry in seen] == [f"k = {k}" for k in range(ROWS)]
    assert "α = 0.2   k = 5" in seen[-1][2]
    assert browser.evaluate("play.textContent").endswith("Play")


def test_a_frame_shows_all_that_was_gone_up_to_it(browser: Browser) -> None:
    browser.evaluate("window.all = [...frames]; frames.splice(0, frames.length, [0, 0], [3, 4]); 1")
    browser.evaluate("show(1).then(() => 1)")
    trails = browser.evaluate("[-4, -2].map((trace) => divs[1].data.at(trace).x.length)")
    assert trails == [4, 5]
    texts = browser.evaluate("words.textContent").split("\n")
    assert ["k = 3" in texts[0], "k = 4" in texts[1]] == [True, True]
    browser.evaluate("frames.splice(0, frames.length, ...all); 1")


def test_play_can_be_paused_and_the_place_be_chosen(browser: Browser) -> None:
    stopped = browser.evaluate(
        "(() => { play.click(); const played = timer !== null; play.click();"
        " return [played, timer, play.textContent.trim().slice(-4)]; })()"
    )
    assert stopped == [True, None, "Play"]
    browser.evaluate("place.value = 3; place.dispatchEvent(new Event('input')); 1")
    browser.wait("divs[1].data.at(-3).x[0] === paths[0]['0'][3]")
    assert browser.evaluate("divs.map((div) => div.data.at(-4).x.length)") == [4, 4]
    assert browser.evaluate("words.textContent").startswith("α = 0.1   k = 3   x = 0.768")


@pytest.mark.parametrize("place", [THREE_D, IN_THE_PLANE], ids=["surface", "contours"])
def test_hovering_shows_k_the_point_f_and_the_gradient(browser: Browser, place: str) -> None:
    number = 0 if place is THREE_D else 1
    browser.evaluate("show(last).then(() => 1)")
    browser.evaluate(
        f"window.hovered = []; divs[{number}].on('plotly_hover', (event) =>"
        " hovered.push(event.points[0].text)); 1"
    )
    x, y = browser.evaluate(place.format(trace=3, k=1))  # the trail of the first path
    found = "hovered.find((text) => text && text.includes('k = 1<'))"
    for turn in range(600):
        browser.point(x + 2 - turn % 3, y)  # a figure in space looks only where the mouse has moved
        browser.evaluate("new Promise((done) => setTimeout(done, 100))")
        if text := browser.evaluate(found):
            break
    else:
        pytest.fail("hovering shows nothing")
    assert text.split("<br>") == [
        *("α = 0.1", "k = 1", "x = 1.2", "y = 0.4", "f = 1.92"),
        *("∇f = (2.4, 2.4)", "‖∇f‖∞ = 2.4", "α = 0.1"),
    ]
    assert browser.wait(
        f"[...divs[{number}].querySelectorAll('.hovertext')].some((label) =>"
        " label.textContent.includes('∇f = (2.4, 2.4)'))"
    )


def test_a_turned_surface_stays_turned_while_it_is_played(browser: Browser) -> None:
    camera = "JSON.stringify(divs[0]._fullLayout.scene._scene.getCamera().eye)"
    before = browser.evaluate(camera)
    box = browser.evaluate(
        "(({ x, y, width, height }) => [x + width / 2, y + height / 2])"
        "(divs[0].getBoundingClientRect())"
    )
    browser.drag(box[0], box[1], 120, 20)
    browser.wait(f"{camera} !== {json.dumps(before)}")
    turned = browser.evaluate(AT_REST.format(value=camera))
    browser.evaluate("show(5).then(() => 1)")
    now = json.loads(browser.evaluate(camera))
    assert now == pytest.approx(json.loads(turned), abs=0.05)
