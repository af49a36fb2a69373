"""A server of ours, started for a measurement."""

import json
import re
import subprocess
import time
import urllib.request


class Server:
    """A server of its own, on a port that it chose."""

    def __init__(self, binary, model, *settings):
        command = [binary, "serve", model, "--name", "bench", "--port", "0", "--log-level", "error", *settings]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        self.url = re.search(r"http://\S+?(?=/ )", line)[0]
        while not self.is_ready():
            time.sleep(0.1)

    def is_ready(self):
        try:
            return urllib.request.urlopen(self.url + "/ready").status == 200
        except OSError:
            return False

    def ask(self, prompt, tokens, **sampling):
        body = {"messages": [{"role": "user", "content": prompt}], "model": "bench", "max_tokens": tokens, "seed": 7}
        body |= {"repetition_penalty": 1.0, "top_p": 0.95, "top_k": 0} | sampling
        request = urllib.request.Request(self.url + "/v1/chat/completions", json.dumps(body).encode())
        request.add_header("content-type", "application/json")
        return json.load(urllib.request.urlopen(request))

    def figure(self, name):
        """The value of one of its metrics."""
        text = urllib.request.urlopen(self.url + "/metrics").read().decode()
        return float(re.search(rf"^{name}{{.*}} (\S+)$", text, re.MULTILINE)[1])

    def stop(self):
        self.process.terminate()
        self.process.wait()
