"""The oracle of OpenAI's shapes sees what is wrong."""

import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "Conformance"))
from shapes import problems  # noqa: E402

DELTA = {
    "type": "response.output_text.delta", "item_id": "msg_1", "output_index": 0, "content_index": 0, "delta": "x",
    "sequence_number": 3, "logprobs": [],
}  # fmt: skip
FUNCTION_CALL = {"type": "function_call", "id": "fc_1", "call_id": "c", "name": "f", "arguments": "{}", "status": "completed"}


class Shapes(unittest.TestCase):
    def test_what_fits_fits(self):
        self.assertEqual(problems(DELTA, "ResponseTextDeltaEvent"), [])
        self.assertEqual(problems(FUNCTION_CALL, "OutputItem"), [])
        self.assertEqual(problems({"object": "response.input_tokens", "input_tokens": 3}, "TokenCountsResource"), [])

    def test_what_does_not_is_named(self):
        for change, complaint in [
            ({"more": 1}, "'more' is unknown"),
            ({"delta": 7}, ".delta: 7 is no string"),
            ({"output_index": True}, ".output_index: true is no integer"),
            ({"type": "response.magic"}, ".type"),
            ({"logprobs": [{"token": "x"}]}, ".logprobs[0]: 'logprob' is missing"),
        ]:
            found = problems(DELTA | change, "ResponseTextDeltaEvent")
            self.assertTrue(len(found) == 1 and complaint in found[0], f"{change}: {found}")
        without = {name: value for name, value in DELTA.items() if name != "item_id"}
        self.assertEqual(problems(without, "ResponseTextDeltaEvent"), ["ResponseTextDeltaEvent: 'item_id' is missing"])

    def test_the_nearest_variant_complains(self):
        (found,) = problems(FUNCTION_CALL | {"arguments": {}}, "OutputItem")
        self.assertIn(".arguments: {} is no string", found)


if __name__ == "__main__":
    unittest.main()
