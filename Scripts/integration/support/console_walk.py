"""Walks through the console in a real Chromium, and looks at every page with axe.

    console_walk.py BASE SETUP_URL FOLDER [PICTURES]

First the set-up link, then sign-in, campaign, plan with an approval, customer, dead letter, redrive; then every page in
both languages, both themes, at a desktop's and a phone's width (without PICTURES each page in one of two opposite variants):
axe must find nothing serious, nothing may scroll sideways, and no page may break its own content policy. With PICTURES
every page is photographed into that folder.
"""

import pathlib
import shutil
import sys
import time

import axe_playwright_python
from playwright.sync_api import sync_playwright

base, setup, folder = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3])
pictures = pathlib.Path(sys.argv[4]) if len(sys.argv) > 4 else None
axe = (pathlib.Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
name, password = "wang.li", "correct horse battery"
WIDTHS = {"desktop": (1280, 900), "phone": (390, 844)}
findings = []
troubles = []


def check(condition, what):
    if not condition:
        raise SystemExit(f"FAILED: {what}")
    print(f"ok: {what}")


def watch(page):
    page.on("console", lambda message: troubles.append(f"{page.url}: {message.text}") if message.type == "error" else None)
    page.on("pageerror", lambda error: troubles.append(f"{page.url}: {error}"))


def walk(browser):
    context = browser.new_context(locale="en-GB", viewport={"width": 1280, "height": 900})
    page = context.new_page()
    watch(page)
    page.goto(base + "/console/campaigns")
    check("/sign-in" in page.url, "a page without a session leads to signing in")
    page.goto(setup)
    page.fill("input[name=name]", name)
    page.fill("input[name=password]", password)
    page.fill("input[name=again]", password)
    page.click("button[type=submit]")
    check(page.url.endswith("/console/overview"), "the set-up link makes the first user")
    page.click("button:has-text('Sign out') >> visible=true")
    check(page.url.endswith("/sign-in"), "signing out leads to signing in")
    page.fill("input[name=name]", name)
    page.fill("input[name=password]", "wrong")
    with page.expect_response(lambda response: response.request.method == "POST") as refused:
        page.click("button[type=submit]")
    check(refused.value.status == 401, "a wrong password is refused")
    troubles.clear()
    page.fill("input[name=password]", password)
    page.click("button[type=submit]")
    check(page.locator("h1").is_visible(), "the right one is not")

    page.click("nav a:has-text('Campaigns') >> visible=true")
    page.click("th a:has-text('complaint-ladder')")
    check(page.locator("h1").inner_text() == "complaint-ladder", "a campaign opens from the list")
    check("complaint.opened" in page.locator(".sentence").inner_text(), "its rule is told in words")

    page.click("nav a:has-text('Plan') >> visible=true")
    for _ in range(40):
        if page.locator("#approve").count():
            break
        time.sleep(0.25)
        page.reload()
    page.click("a:has-text('Approve vip-monthly-offer')")
    page.click("button:has-text('Approve vip-monthly-offer')")
    check("is approved" in page.locator(".message").inner_text(), "a plan is approved after one more question")
    check(list((folder / "care.sqlite.approved").glob("*.careplan")) != [], "the approved plan is kept")

    page.click("nav a:has-text('Deliveries') >> visible=true")
    check("dead letters" in page.locator(".lead").inner_text().lower(), "dead letters are told first")
    page.goto(base + "/console/deliveries?state=dead&destination=helpdesk")
    first = page.locator("tbody tr").first
    customer = first.locator("a[href*='/customers/']").inner_text()
    delivery = first.locator("th a").get_attribute("title")
    check("422" in first.inner_text(), "the cause is in the receiver’s words")
    first.locator("a[href*='/customers/']").click()
    check(page.locator("h1").inner_text() == customer, "the customer opens from a delivery")
    check(page.locator(".why tbody tr").count() > 0, "why and why not is told")
    check("@example.com" not in page.content().replace("\u2022\u2022\u2022@example.com", ""), "the mail address is masked")
    page.click("button:has-text('Reveal personal data')")
    check(f"{customer}@example.com" in page.content() or "Hide personal data" in page.content(), "and shown when asked for")

    (folder / "mended").touch()
    page.goto(f"{base}/console/deliveries?state=dead&destination=helpdesk")
    page.check(f"input[name='id.{delivery}']")
    page.click("button:has-text('Redrive selected')")
    check("Redrive one delivery?" in page.locator("h1").inner_text(), "a redrive asks once more")
    page.click("button:has-text('Redrive one delivery')")
    check("waits again" in page.locator(".message").inner_text(), "the delivery waits again")
    for _ in range(60):
        page.goto(f"{base}/console/deliveries/{delivery}")
        if "Delivered" in page.locator(".lead").inner_text():
            break
        time.sleep(0.1)
    check("Delivered" in page.locator(".lead").inner_text(), "and arrives")
    check(page.request.post(f"{base}/console/do/redrive", form={"id." + delivery: "yes"}).status == 403,
          "a form without its token is refused")
    page.goto(f"{base}/console/deliveries/dlv_aaaaaaaaaaaaaaaaaaaaaaaaaa")
    check("no such delivery" in page.locator("h1").inner_text().lower(), "what is not there says so")
    troubles.clear()
    state = context.storage_state()
    context.close()
    return customer, delivery, state


def places(customer, delivery):
    return {
        "overview": "/console/overview", "campaigns": "/console/campaigns",
        "campaign": "/console/campaigns/vip-monthly-offer", "campaign-event": "/console/campaigns/complaint-ladder",
        "plan": "/console/plan?days=30", "customers": "/console/customers", "customer": f"/console/customers/{customer}",
        "deliveries": "/console/deliveries?state=dead", "deliveries-sent": "/console/deliveries?state=delivered",
        "deliveries-none": "/console/deliveries?state=cancelled", "delivery": f"/console/deliveries/{delivery}",
        "ledger": "/console/ledger", "ledger-search": "/console/ledger?outcome=suppress&reason=no_consent",
        "ledger-none": "/console/ledger?customer=nobody", "rules": "/console/rules",
        "rule": "/console/rules/complaint-ladder", "destination": "/console/destinations/helpdesk",
        "settings": "/console/settings", "confirm-approve": "/console/confirm/approve?campaign=vip-monthly-offer&days=14",
        "confirm-disable": "/console/confirm/disable?destination=crm", "confirm-reload": "/console/confirm/reload",
        "not-found": "/console/nothing-here", "sign-in": "/sign-in",
    }


def look(browser, customer, delivery, state):
    variants = [
        (width, theme, locale) for width in WIDTHS for theme in ["light", "dark"] for locale in ["en-GB", "zh-CN"]
    ]
    if pictures:
        pictures.mkdir(parents=True, exist_ok=True)
    for width, theme, locale in variants:
        size = dict(zip(["width", "height"], WIDTHS[width]))
        for signed in [True, False]:
            context = browser.new_context(
                locale=locale, color_scheme=theme, viewport=size, storage_state=state if signed else None,
                reduced_motion="reduce")
            page = context.new_page()
            watch(page)
            for title, place in places(customer, delivery).items():
                if (title == "sign-in") == signed:
                    continue
                # Every page in every variant for the pictures; for the checks two that differ in everything take turns.
                turn = list(places(customer, delivery)).index(title) % 2
                if not pictures and (width, theme, locale) != [
                    ("desktop", "light", "en-GB"), ("phone", "dark", "zh-CN")
                ][turn]:
                    continue
                page.goto(base + place)
                wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
                if wide > 0:
                    findings.append(f"{title} {width} {locale}: {wide} px wider than the window")
                page.evaluate(axe)
                result = page.evaluate("axe.run(document, { resultTypes: ['violations'] })")
                for violation in result["violations"]:
                    if violation["impact"] in ("serious", "critical"):
                        node = violation["nodes"][0]
                        findings.append(f"{title} {width} {theme} {locale}: {violation['id']}: {node['html'][:160]} {node['failureSummary'][:240]}")
                if pictures:
                    page.screenshot(path=pictures / f"{title}-{width}-{theme}-{locale[:2]}.png", full_page=True)
            context.close()


with sync_playwright() as playwright:
    browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
    customer, delivery, state = walk(browser)
    look(browser, customer, delivery, state)
    browser.close()

troubles = [trouble for trouble in troubles if "404" not in trouble]
for line in findings + troubles:
    print(line)
check(not findings, "no page is wider than its window, and axe finds nothing serious")
check(not troubles, "no page breaks its content policy, and no script fails")
