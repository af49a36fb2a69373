"""The judge of the table of dialects sees which marks nothing proves."""

import json
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts"))
from checks.proofs import fields_of, read, table  # noqa: E402

ROW = "| `POST /v1/x/:id` | `a` `b.c` | ✓ | `m.sends` | `m.errs` |"
REFUSED = "| `POST /v1/x/:id` | `d` | refused by name | `m.errs` |  |"


def note(test: str, status: int, body, answer: str = "", path: str = "/v1/x/7", method: str = "POST") -> dict:
    return {"file": "m.py", "test": test, "method": method, "path": path, "status": status, "body": body, "answer": answer}


GOOD = [
    note("sends", 200, {"a": 1, "b": {"c": 2}}),
    note("errs", 400, {"a": "x"}, "'a' must be a number"),
    note("errs", 400, {"b": 7}, '{"error": {"param": "b.c"}}'),
    note("errs", 400, {"d": 1}, "'d' is not supported"),
]


class Proofs(unittest.TestCase):
    def problems(self, notes, rows=(ROW, REFUSED)) -> list[str]:
        with tempfile.TemporaryDirectory() as folder:
            lines = "".join(json.dumps(one) + "\n" for one in notes)
            (Path(folder) / "clients.jsonl").write_text(lines)
            found = read(Path(folder))
        return [problem for mark in table("\n".join(rows)) for problem in mark.problems(found)]

    def test_what_was_sent_and_refused_is_proven(self):
        self.assertEqual(self.problems(GOOD), [])

    def test_what_was_not_is_told(self):
        for change, complaint in [
            (GOOD[1:], "POST /v1/x/:id a: none of m.sends sends it"),
            ([note("sends", 400, {"a": 1, "b": {"c": 2}}), *GOOD[1:]], "POST /v1/x/:id a: none of m.sends sends it"),
            ([note("sends", 200, {"a": 1}), *GOOD[1:]], "POST /v1/x/:id b.c: none of m.sends sends it"),
            ([note("sends", 200, {"a": 1, "b": {"c": 2}}, path="/v1/y/7"), *GOOD[1:]], "POST /v1/x/:id a: none of m.sends sends it"),
            ([note("sends", 200, GOOD[0]["body"], method="GET"), *GOOD[1:]], "POST /v1/x/:id a: none of m.sends sends it"),
            ([note("other", 200, GOOD[0]["body"]), *GOOD[1:]], "POST /v1/x/:id a: none of m.sends sends it"),
            ([GOOD[0], *GOOD[2:]], "POST /v1/x/:id a: none of m.errs sends it wrong and is told so"),
            ([GOOD[0], note("errs", 400, {"a": "x"}, "something is wrong"), *GOOD[2:]], "a: none of m.errs sends it wrong and is told so"),
            ([GOOD[0], note("errs", 400, {"a": "x"}, "'apple' is wrong"), *GOOD[2:]], "a: none of m.errs sends it wrong and is told so"),
            (GOOD[:3], "POST /v1/x/:id d: none of m.errs has it refused"),
            ([*GOOD[:3], note("errs", 200, {"d": 1})], "POST /v1/x/:id d: none of m.errs has it refused"),
        ]:
            self.assertTrue(any(complaint in problem for problem in self.problems(change)), complaint)

    def test_places_in_a_body_have_names(self):
        body = {"a": [{"b": 1}, {"c": {"d": 2}}], "e": None}
        self.assertEqual(fields_of(body), {"a", "a[0].b", "a[1].c", "a[1].c.d"})


if __name__ == "__main__":
    unittest.main()
