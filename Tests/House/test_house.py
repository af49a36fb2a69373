"""The scripts that judge others are judged too. `python3 -m unittest discover Tests/House`"""

import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts"))

from checks.outcome import Counts, counts_in, telling_lines
from checks.source import functions

SWIFT = '''
struct A {
    func a(_ x: Int = f { 1 }) -> Int {
        let s = "}{ \\" {"
        let r = /[{"]+/
        let m = """
            func no() { "
            """
        return 1
    }
    init?(a: Int,
        b: Int
    ) throws {
        // {
    }
    static func == (l: A, r: A) -> Bool { true }
    subscript(i: Int) -> Int {
        get { 1 }
    }
}
protocol P {
    func q() -> Int
    init(a: Int)
}
extension X {
    func z<T>(_ t: T) async throws
        -> Int
        where T: B {
        1
    }
}
'''

SCRIPT = """
export async function* events(chunks) {
  let text = `}{${a}`
  for await (const chunk of chunks) {
    if (x) { y() }
  }
}
class A {
  render({ a, b }) {
    return () => {
      return /[{]/.test(a)
    }
  }
}
"""

C = """
#define X(a) do { a; } while (0)
static void a(float *y,
              size_t n) {
  for (size_t i = 0; i < n; i++) { y[i] = '{'; }
  if (a) {
  } else {
  }
}
int c(void) { return 1; }
"""


class Lengths(unittest.TestCase):
    def test_swift(self):
        expected = [("a", 8), ("init", 5), ("==", 1), ("subscript", 3), ("z", 5)]
        self.assertEqual(functions(SWIFT, ".swift"), expected)

    def test_javascript(self):
        self.assertEqual(functions(SCRIPT, ".js"), [("events", 6), ("render", 5), ("=>", 3)])

    def test_c(self):
        self.assertEqual(functions(C, ".c"), [("a", 7), ("c", 1)])


class ClosingLines(unittest.TestCase):
    def test_each_runner_is_read(self):
        lines = {
            "✔ Test run with 12 tests in 3 suites passed after 0.1 seconds.": Counts(12),
            "# pass 4\n# fail 1\n# skipped 2": Counts(4, 1, 2),
            "ℹ pass 4\nℹ fail 0": Counts(4),
            "31 passed, 2 failed": Counts(31, 2),
            "fuzz: 3 passed, 0 failed, 1 skipped": Counts(3, 0, 1),
            "Ran 5 tests in 0.1s\n\nFAILED (failures=1, errors=1)": Counts(3, 2),
            "nothing of the kind": Counts(),
        }
        for output, counts in lines.items():
            self.assertEqual(counts_in(output), counts, output)

    def test_swift_testing_tells_failed_and_skipped_apart(self):
        output = (
            '➜ Test realModel() skipped: "no model"\n'
            "✘ Test one() failed after 0.1 seconds with 1 issue.\n"
            "✘ Suite Some failed after 0.1 seconds with 1 issue.\n"
            "✘ Test run with 5 tests in 1 suite failed after 0.2 seconds with 1 issue."
        )
        self.assertEqual(counts_in(output), Counts(3, 1, 1))

    def test_a_crash_is_told_again_at_the_end(self):
        calm = "".join(f"✔ Test number{each}() passed after 0.1 seconds.\n" for each in range(500))
        output = calm + "✘ Test one() recorded an issue\n" + calm + "error: Exited with unexpected signal code 11\n" + calm
        told = telling_lines(output)
        self.assertEqual(told[:2], ["✘ Test one() recorded an issue", "error: Exited with unexpected signal code 11"])
        self.assertEqual(len(told), 5)

    def test_a_crash_tells_where(self):
        frames = ["0 [ra] [system] abort in libc.so.6", "1 f() in x at /a/Sources/Text/A.swift:3:5", "2 g() in x at /a/Tests/B.swift:9"]
        told = telling_lines("\n".join(["Thread 3 crashed:", "", *frames, *["│ code"] * 20]))
        self.assertEqual(told[:3], ["Thread 3 crashed:", *frames[1:]])


if __name__ == "__main__":
    unittest.main()
