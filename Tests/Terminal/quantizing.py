"""`yuyan quantize`: a disk that is too small, and Ctrl-C."""

import signal
import subprocess

from command import PATIENCE, Command
from disk_full import inside


def a_quantised_model_that_does_not_fit_is_not_begun(yuyan: Command):
    yuyan.need_model()
    inside(yuyan, too_small, __file__)


def too_small(small: Command):
    target = small.home / "q.gguf"
    result = small.run("quantize", small.model, target, "--type", "q4_0", "--allow-requantize")
    assert result.returncode == 1, result
    for words in (str(target), "not enough room", "bytes are needed", "are free"):
        assert words in result.stderr, (words, result.stderr)
    assert [each.name for each in small.home.iterdir()] == ["models"], list(small.home.iterdir())


def an_interrupted_quantisation_leaves_nothing(yuyan: Command):
    """While the text is read, and while the file is written."""
    yuyan.need_model()
    text, target = yuyan.home / "text.txt", yuyan.home / "q.gguf"
    text.write_text("All work and no play makes Jack a dull boy.\n" * 4000)
    for options, told in ((["--calibration", text], "reading:"), ([], "writing:")):
        arguments = ["quantize", yuyan.model, target, "--allow-requantize", *options]
        with yuyan.start(*arguments, stderr=subprocess.PIPE) as process:
            for line in process.stderr:
                if line.startswith(told):
                    process.send_signal(signal.SIGINT)
                    break
            process.communicate(timeout=PATIENCE)
            assert process.returncode == 130, (told, process.returncode)
        assert sorted(each.name for each in yuyan.home.iterdir()) == ["models", "text.txt"], list(yuyan.home.iterdir())


if __name__ == "__main__":
    import sys
    from pathlib import Path

    name, executable, home, *files = sys.argv[1:]
    globals()[name](Command(Path(executable), files, Path(home)))
