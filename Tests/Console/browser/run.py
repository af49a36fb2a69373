"""Runs the browser checks: `run.py [--base-url URL] [--only WORD] [--screenshots FOLDER]`."""

import argparse
import os
import sys
import tempfile
import time
import traceback

import fake_server
from checks import CHECKS
from console import Console
from playwright.sync_api import sync_playwright

import check_answers  # noqa: F401  each module adds its checks
import check_conversations  # noqa: F401
import check_errors  # noqa: F401
import check_keyboard  # noqa: F401
import check_looks  # noqa: F401
import check_real  # noqa: F401
import check_runs  # noqa: F401
import check_runs_looks  # noqa: F401
import check_runs_trouble  # noqa: F401
import check_safety  # noqa: F401
import check_start  # noqa: F401
import check_tabs  # noqa: F401

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-extensions"]


def main():
    options = arguments()
    passed, failed = 0, 0
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=os.environ["CHROMIUM"], args=ARGUMENTS)
        for check in CHECKS:
            if options.only and options.only not in check.name:
                continue
            if check.real and not options.base_url:
                continue
            problem = run(check, browser, options)
            passed, failed = (passed + 1, failed) if problem is None else (passed, failed + 1)
        browser.close()
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--base-url", help="a running yuyan, for the checks that need a real server")
    parser.add_argument("--only", help="checks whose name contains this")
    parser.add_argument("--screenshots", help="a folder for pictures to look at")
    return parser.parse_args()


def run(check, browser, options):
    """None, or what went wrong."""
    start = time.monotonic()
    server, state = (None, None) if check.real else fake_server.start()
    base = options.base_url if check.real else f"http://127.0.0.1:{server.server_port}"
    console = None
    try:
        console = Console(browser, base.rstrip("/"), state, options.screenshots, check)
        check.body(console)
        console.assert_quiet()
        problem = None
    except Exception:
        problem = traceback.format_exc(limit=-4)
        if console:
            console.picture("failed-" + check.name, always=tempfile.gettempdir())
    finally:
        if console:
            console.close()
        if server:
            server.shutdown()
            server.server_close()
    print(f"{'ok  ' if problem is None else 'FAIL'} {check.name} ({time.monotonic() - start:.1f} s)", flush=True)
    if problem:
        print(problem, file=sys.stderr, flush=True)
    return problem


if __name__ == "__main__":
    sys.exit(main())
