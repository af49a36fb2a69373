#!/usr/bin/env bash
# Checks the console in a real browser. Installs nothing: PYTHON names an interpreter with Playwright (requirements.txt),
# CHROMIUM the browser. Against the stand-in server; with --base-url URL also against a real one. Closes with
# "N passed, N failed".
set -euo pipefail
cd "$(dirname "$0")"
CHROMIUM="${CHROMIUM:-$(command -v chromium || command -v chromium-browser || command -v google-chrome)}" \
  PYTHONDONTWRITEBYTECODE=1 exec "${PYTHON:-python3}" run.py "$@"
