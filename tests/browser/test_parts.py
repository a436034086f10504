"""The parts of the page that explain: budgets, weights, people, files, errors; each says what it promises."""

from __future__ import annotations

import math

from simulator.runs import run_id
from simulator.scenario import load_scenario

GRANT = "l=graduate_retention~1;graduate_retention.monthly~2200;graduate_retention.where~2"


def test_about_tells_how_far_the_model_was_from_what_was_published(visit):
    page = visit("?lang=en&page=about").ready()
    rows = page.locator("[data-part=errors] tbody tr")
    assert rows.count() >= 4
    assert "points" in rows.first.text_content()
    page.locator("[data-tool=lang]").click()
    assert "城镇化率" in page.text_content("[data-part=errors]")


def test_the_scenario_file_that_is_downloaded_gives_the_run_that_is_shown(visit, tmp_path):
    one = visit(f"?lang=en&{GRANT};migration.moving_cost~2")
    page = one.ready()
    one.done()
    page.locator("[data-tool=share]").click()
    with page.expect_download() as waiting:
        page.locator("[data-share=yaml]").click()
    path = tmp_path / "mine.yaml"
    waiting.value.save_as(path)
    loaded = load_scenario(path)
    assert [use.policy for use in loaded.policies] == ["graduate_retention"]
    assert run_id(loaded) == page.evaluate("window.__homeward.now.head.run")


def test_a_place_tells_what_its_government_takes_in_and_spends(visit):
    one = visit("?lang=en&place=0&month=2030-06")
    page = one.ready()
    page.wait_for_selector("[data-part=budget] .bar")
    said = page.evaluate("""() => { const s = window.__homeward, t = s.shown(s.now), g = s.meta.government[s.place], parts = s.meta.governments.filter(c => c.startsWith('spending_'));
      return {spending: s.now.budget('spending', g, t), parts: parts.reduce((a, c) => a + s.now.budget(c, g, t), 0), debt: s.now.budget('debt', g, t)}; }""")
    assert said["spending"] > 1e9
    assert math.isclose(said["parts"], said["spending"], rel_tol=1e-4), "the functions of the budget add up to the spending"
    assert "It owes" in page.text_content("[data-part=budget]")


def test_the_room_weighs_the_index_and_the_address_keeps_it(visit):
    one = visit(f"?lang=en&page=compare&c={GRANT[2:]}")
    page = one.ready()
    page.wait_for_function("window.__homeward.history('compare', 0)?.done")
    page.wait_for_selector("[data-part=index] .bar")
    ours, theirs = page.evaluate("""async () => { const s = window.__homeward, { indexAt } = await import('/view/front/prosperity.js'), base = s.history('base/draft'), t = s.meta.months - 1;
      return [indexAt(base, s.meta.index, {}, t), base.nation('common_prosperity')[t]]; }""")
    assert math.isclose(ours, theirs, rel_tol=1e-9), "with the weights of the file the page's index is the table's"
    before = page.locator("[data-part=index] .bar b").first.text_content()
    page.evaluate("const i = document.querySelector('[data-weight=families]'); i.value = 3; i.dispatchEvent(new Event('input'))")
    assert page.locator("[data-part=index] .bar b").first.text_content() != before
    page.wait_for_function("location.search.includes('families~3') || location.search.includes('families%7E3')")


def test_compare_shows_a_map_of_every_scenario(visit):
    one = visit(f"?lang=en&page=compare&c={GRANT[2:]}|migration.moving_cost~2")
    page = one.ready()
    page.wait_for_function("[0, 1].every(k => window.__homeward.history('compare', k)?.done)")
    page.wait_for_selector("[data-part=maps] canvas")
    assert page.locator("[data-part=maps] canvas").count() == 2
    page.wait_for_function("""() => [...document.querySelectorAll('[data-part=maps] canvas')].every(c => { const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;
      const seen = new Set(); for (let k = 0; k < d.length; k += 4) if (d[k + 3] === 255) seen.add((d[k] << 16) + (d[k + 1] << 8) + d[k + 2]); return seen.size > 20; })""")


def test_anyone_can_be_followed_alone_and_in_the_other_world(visit):
    one = visit("?lang=en&page=lives")
    page = one.ready()
    page.locator("[data-lives=person]").click()
    page.locator("[data-seek=where]").select_option("k4")
    page.locator("[data-seek=edu]").select_option("3")
    page.locator("[data-seek=go]").click()
    page.wait_for_selector(".life h2", timeout=180_000)
    first = page.text_content(".life h2")
    assert "college" in first
    assert page.locator(".sidebyside thead th").count() == 2
    uid = page.evaluate("window.__homeward.answers.person.head.person.uid")
    page.evaluate("window.__homeward.setLevers({graduate_retention: 1, 'graduate_retention.monthly': 2200, 'graduate_retention.where': 2})")
    page.locator("[data-seek=uid]").fill(str(uid))
    page.locator("[data-seek=go]").click()
    page.wait_for_selector(".sidebyside thead th:nth-child(3)", timeout=180_000)
    assert page.text_content(".life h2") == first
    page.locator("[data-seek=uid]").fill("999999999")
    page.locator("[data-seek=go]").click()
    page.wait_for_function("document.querySelector('.livesbody').textContent.includes('Nobody fits')", timeout=180_000)


def test_a_wish_for_a_person_is_bounded(visit):
    page = visit("?lang=en").ready()
    for whom in ({"uid": -1}, {"uid": 1.5}, {"place": 100000}, {"education": "college"}, {"draw": True}, {"name": "x"}, [1], None):
        page.evaluate("window.__homeward.fault = ''")
        page.evaluate("whom => window.__homeward.send({type: 'inquire', about: 'person', levers: {}, whom})", whom)
        page.wait_for_function("window.__homeward.fault.includes('whom')")
