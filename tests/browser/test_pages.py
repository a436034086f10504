"""Clicking through every page: each shows what it promises, offline, without an error."""

from __future__ import annotations


def test_a_lever_gives_another_history_and_undo_brings_the_first_back(visit):
    one = visit("?lang=en")
    page = one.ready()
    assert "college graduates of working age" in page.text_content(".story")
    before = page.evaluate("window.__homeward.now.nation('moves').slice(-1)[0]")
    page.locator("[data-tool=assumptions] > summary").click()
    lever = page.locator("input[data-lever='migration.moving_cost']")
    lever.focus()
    for _ in range(6):
        lever.press("ArrowLeft")
    one.done()
    after = page.evaluate("window.__homeward.now.nation('moves').slice(-1)[0]")
    assert after != before, "people for whom leaving costs less do not live the same lives"
    assert "than without your changes" in page.text_content(".story")
    for _ in range(6):
        page.get_by_role("button", name="Undo").click()
    page.wait_for_function("!window.__homeward.changed")
    assert page.evaluate("window.__homeward.now.nation('moves').slice(-1)[0]") == before


def test_a_story_is_one_choice_and_its_cost_is_told(visit):
    one = visit("?lang=en")
    page = one.ready()
    page.locator("[data-tool=stories]").select_option("keep_our_graduates")
    one.done()
    assert page.evaluate("window.__homeward.now.head.policies") == ["graduate_retention", "talent_housing"]
    assert "spent in the twelve months shown" in page.text_content(".meter")
    first = page.evaluate("window.__homeward.now.head.same_until - window.__homeward.meta.start")
    same = "[h => h.nation('moves')].map(f => [f(window.__homeward.now), f(window.__homeward.base)])[0].map(v => Array.from(v.slice(0, %d)))" % first
    ours, theirs = page.evaluate(same)
    assert ours[1:] == theirs[1:], "until the policy begins nothing differs"


def test_play_moves_time_and_dragging_sets_it(visit):
    one = visit("?lang=en")
    page = one.ready()
    page.get_by_role("button", name="Play").click()
    page.wait_for_function("window.__homeward.t > 3 && window.__homeward.t < 150")
    page.get_by_role("button", name="Pause").click()
    page.evaluate("document.querySelector('input.time').value = 100; document.querySelector('input.time').dispatchEvent(new Event('input'))")
    assert page.text_content(".when") == "March 2029"


def test_a_place_tells_its_story_in_both_languages(visit):
    one = visit("?lang=en&place=0&month=2030-06")
    page = one.ready()
    assert page.text_content(".place h2") == "Beijing core"
    assert "came and" in page.text_content(".tale")
    page.locator("[data-tool=lang]").click()
    page.wait_for_function("document.querySelector('.place h2')?.textContent === '北京核心区'")
    assert "近十二个月" in page.text_content(".tale")


def test_every_page_opens_by_a_click_and_says_something(visit):
    one = visit("?lang=en&l=migration.moving_cost~2")
    page = one.ready()
    one.done()
    page.locator("[data-page=flows]").click()
    page.wait_for_selector("svg.sankey path.ribbon", state="attached")
    assert "The largest stream" in page.text_content(".story")
    page.locator("[data-page=compare]").click()
    page.locator("[data-tool=keep]").click()
    page.wait_for_function("window.__homeward.history('compare', 0)?.done")
    page.wait_for_selector("table.wide tbody tr:nth-child(5)")
    page.locator("[data-page=about]").click()
    assert "not a forecast" in page.text_content(".about")


def test_the_address_reproduces_the_numbers_elsewhere(visit):
    first = visit("?lang=en&l=hukou.access_education~0.9")
    page = first.ready()
    first.done()
    link = page.evaluate("window.__homeward.address()")
    numbers = page.evaluate("Array.from(window.__homeward.now.nation('talent_concentration'))")
    second = visit(link[1:])
    other = second.ready()
    second.done()
    assert other.evaluate("Array.from(window.__homeward.now.nation('talent_concentration'))") == numbers
    assert other.evaluate("window.__homeward.now.head.run") == page.evaluate("window.__homeward.now.head.run")


def test_the_map_can_be_read_as_a_table_and_walked_by_keyboard(visit):
    one = visit("?lang=en")
    page = one.ready()
    page.locator("[data-tool=table]").click()
    assert page.locator(".tablebox tbody tr").count() == 155
    page.locator("[data-tool=table]").click()
    page.locator("canvas.map").focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_selector(".place h2")
    assert "Highest:" in page.get_attribute("canvas.map", "aria-label")


def test_the_keyboard_stays_in_the_dialog_of_sharing_and_comes_back_from_it(visit):
    page = visit("?lang=en").ready()
    page.locator("[data-tool=share]").focus()
    page.keyboard.press("Enter")
    page.wait_for_selector(".dialog")
    for _ in range(12):
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement === document.body || Boolean(document.activeElement.closest('.dialog'))")
    page.locator(".dialog input").focus()
    page.keyboard.press("Escape")
    assert page.locator(".dialog").count() == 0
    assert page.evaluate("document.activeElement.dataset.tool") == "share"


def test_the_page_is_usable_on_a_phone(chromium, address):
    context = chromium.new_context(viewport={"width": 390, "height": 844}, has_touch=True, locale="en-GB")
    page = context.new_page()
    page.goto(address + "?lang=en")
    page.wait_for_function("window.__homeward_frames > 0", timeout=60_000)
    assert page.evaluate("document.querySelector('.hw').scrollWidth") <= 390
    page.locator(".drawer").click()
    assert page.locator("input[data-lever='graduate_retention.monthly']").is_visible()
    context.close()
