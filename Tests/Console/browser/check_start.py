"""Starting a run from a form or from YAML, and talking with what came of it."""

import json
import re

from check_runs import heading, three_runs, visit
from checks import check
from payloads import PAYLOADS
from playwright.sync_api import expect

ROW = json.dumps({"messages": [{"role": "user", "content": "你好"}, {"role": "assistant", "content": "您好！"}]})


def pick(console, label, text, name="data.jsonl"):
    with console.page.expect_file_chooser() as chooser:
        console.button("Choose a file", console.page.get_by_role("group", name=label)).click()
    chooser.value.set_files({"name": name, "mimeType": "application/json", "buffer": text.encode()})


def stored(console):
    return console.page.get_by_role("group", name="Training data").get_by_label("Files of the server")


def start(console):
    console.button("Start the run").click()


def sent(console):
    console.eventually(lambda: console.state.tuning.bodies, "a job is asked for")
    return console.state.tuning.bodies[-1]


@check()
def a_run_is_started_from_the_form(console):
    visit(console, "#/runs/new")
    console.page.get_by_label("Base model").select_option("swift-7b")
    pick(console, "Training data", (ROW + "\n") * 120)
    picked = console.page.locator(".picked")
    expect(picked).to_contain_text("120 rows · conversations")
    picked.get_by_text("The first row").click()
    expect(picked.locator("dd").first).to_have_text("你好")
    pick(console, "Validation data (optional)", ROW, "验证 1.jsonl")
    console.page.get_by_label("Name").fill("hotline")
    console.page.get_by_label("Epochs").fill("3")
    console.page.get_by_label("Learning rate multiplier").fill("0.5")
    console.page.get_by_label("Seed").fill("7")
    start(console)
    expect(heading(console)).to_have_text("hotline")
    expect(console.page.locator(".run-head .status")).to_have_text("waiting")
    assert sent(console) == {
        "model": "swift-7b", "training_file": "file-0001", "validation_file": "file-0002", "suffix": "hotline",
        "seed": 7,
        "method": {"type": "supervised", "supervised": {
            "hyperparameters": {"n_epochs": 3, "learning_rate_multiplier": 0.5}}},
    }  # fmt: skip
    assert [file["filename"] for file in console.state.tuning.files.values()] == ["data.jsonl", "验证 1.jsonl"]


@check()
def preferences_have_a_setting_of_their_own(console):
    console.state.tuning.add_file("pairs.jsonl", "{}")
    visit(console, "#/runs/new")
    expect(console.page.get_by_label("Beta")).to_be_hidden()
    console.page.get_by_text("Preferences (DPO)").click()
    console.page.get_by_label("Base model").select_option("tiny")
    stored(console).select_option("file-0001")
    console.page.get_by_label("Beta").fill("0.2")
    start(console)
    assert sent(console)["method"] == {"type": "dpo", "dpo": {"hyperparameters": {"beta": 0.2}}}


@check()
def a_run_is_started_from_yaml(console):
    console.state.tuning.add_file("data.jsonl", ROW)
    visit(console, "#/runs/new")
    console.page.get_by_label("Base model").select_option("tiny")
    stored(console).select_option("file-0001")
    console.page.get_by_text("YAML", exact=True).click()
    expect(console.page.get_by_label("Epochs")).to_be_hidden()
    start(console)
    expect(console.page.locator("[data-field=yaml] .problem")).to_have_text("This is needed.")
    field = console.page.get_by_label("Settings as YAML")
    field.fill("schedule: cosine\nsteps: many\nwidth: 384\n")
    expect(console.page.locator(".yaml-numbers span")).to_have_text(["1", "2", "3", "4"])
    console.expect_network_error()
    console.state.tuning.refuse = ("The setting 'steps' at line 2 is no number.", "yuyan")
    start(console)
    expect(console.page.locator("[data-field=yaml] .problem")).to_contain_text("at line 2 is no number")
    expect(console.page.locator(".wrong-line")).to_have_text("2")
    console.state.tuning.refuse = None
    field.fill("schedule: cosine\nsteps: 9\n")
    start(console)
    expect(console.page.locator(".run-head .status")).to_have_text("waiting")
    assert sent(console)["yuyan"] == "schedule: cosine\nsteps: 9\n"


@check()
def a_yaml_file_is_opened(console):
    visit(console, "#/runs/new")
    console.page.get_by_text("YAML", exact=True).click()
    with console.page.expect_file_chooser() as chooser:
        console.button("Open a file").click()
    chooser.value.set_files({"name": "a.yaml", "mimeType": "text/yaml", "buffer": b"a: 1\r\nb: 2"})
    expect(console.page.get_by_label("Settings as YAML")).to_have_value("a: 1\nb: 2")


@check()
def what_is_missing_or_wrong_is_said_before_anything_is_sent(console):
    visit(console, "#/runs/new")
    console.page.get_by_label("Epochs").fill("two")
    start(console)
    for field, words in (("model", "needed"), ("training", "needed"), ("epochs", "not a number")):
        expect(console.page.locator(f"[data-field={field}] .problem")).to_contain_text(words)
    expect(console.page.get_by_label("Base model")).to_be_focused()
    assert console.state.tuning.bodies == []


@check()
def bad_rows_are_shown_by_line(console):
    visit(console, "#/runs/new")
    pick(console, "Training data", f"{ROW}\nnonsense\n" + '{"messages": []}\n' * 8)
    problems = console.page.locator(".problems")
    for words in ("9 rows look wrong", "Line 2: not JSON", "Line 3: no messages", "and 4 more"):
        expect(problems).to_contain_text(words)
    console.button("Take data.jsonl away").click()
    expect(console.page.locator(".picked")).to_have_count(0)


@check()
def what_the_server_says_of_a_file_stands_at_the_file(console):
    visit(console, "#/runs/new")
    console.page.get_by_label("Base model").select_option("tiny")
    pick(console, "Training data", f'{ROW}\n{{"bad row": 1}}')
    console.expect_network_error()
    start(console)
    expect(console.page.locator("[data-field=training] .problem")).to_contain_text("Line 2 of the file")
    assert console.state.tuning.bodies == []
    expect(console.page.locator(".picked")).to_contain_text("2 rows")


@check()
def what_is_filled_in_outlives_another_language(console):
    visit(console, "#/runs/new")
    console.page.get_by_label("Base model").select_option("tiny")
    console.page.get_by_label("Name").fill("kept")
    pick(console, "Training data", ROW)
    console.button("中文").click()
    expect(console.page.get_by_label("名称")).to_have_value("kept")
    expect(console.page.get_by_label("基础模型")).to_have_value("tiny")
    expect(console.page.locator(".picked")).to_contain_text("1 行")


@check()
def a_file_can_be_dropped(console):
    visit(console, "#/runs/new")
    drop = """(text) => {
      const transfer = new DataTransfer()
      transfer.items.add(new File([text], 'dropped.jsonl'))
      const place = document.querySelector('file-field')
      for (const type of ['dragover', 'drop'])
        place.dispatchEvent(new DragEvent(type, { dataTransfer: transfer, bubbles: true, cancelable: true }))
    }"""
    console.page.evaluate(drop, (ROW + "\n") * 3)
    expect(console.page.locator(".picked")).to_contain_text("dropped.jsonl")
    expect(console.page.locator(".picked")).to_contain_text("3 rows")


@check()
def a_stored_file_can_be_deleted(console):
    console.state.tuning.add_file("old.jsonl", ROW)
    visit(console, "#/runs/new")
    stored(console).select_option("file-0001")
    console.button("Delete this file from the server").click()
    console.button("Delete", console.page.get_by_role("dialog", name="Delete old.jsonl from the server?")).click()
    expect(stored(console)).to_be_hidden()
    assert console.state.tuning.files == {}


def answers(console):
    return console.page.locator(".lane chat-message.assistant .message-body > .prose")


def beside(console):
    done, *_ = three_runs(console)
    visit(console, f"#/runs/{done}")
    console.page.get_by_role("link", name="Chat beside its base").click()
    pickers = console.page.locator(".lane select")
    expect(pickers).to_have_count(2)
    expect(pickers.nth(0)).to_have_value(re.compile("^ft:swift-7b:org:hotline"))
    expect(pickers.nth(1)).to_have_value("swift-7b")


@check()
def the_result_answers_beside_its_base(console):
    beside(console)
    console.send("hello")
    expect(answers(console)).to_have_text(["You said: hello"] * 2)
    expect(answers(console).locator("strong")).to_have_text(["hello"] * 2)
    console.wait_idle()
    models = [each["body"]["model"] for each in console.state.requests]
    assert sorted(models) == ["ft:swift-7b:org:hotline:000001", "swift-7b"], models
    assert all(each["body"]["temperature"] == 0 for each in console.state.requests)
    console.page.get_by_text("Settings", exact=True).click()
    console.page.get_by_label("System prompt").fill("Be brief.")
    console.page.get_by_label("System prompt").blur()
    console.send("again")
    expect(answers(console)).to_have_count(4)
    console.wait_idle()
    roles = [[each["role"] for each in request["body"]["messages"]] for request in console.state.requests[2:]]
    assert roles == [["system", "user", "assistant", "user"]] * 2, roles
    console.button("New conversation").click()
    expect(answers(console)).to_have_count(0)


@check()
def both_answers_stream_and_stop_together(console):
    beside(console)
    console.send("slow please")
    for lane in range(2):
        expect(answers(console).nth(lane)).to_contain_text("word3")
    console.page.keyboard.press("Escape")
    console.wait_idle()
    console.becomes(lambda: console.state.hung_up, 2)
    expect(console.page.locator(".lane .ending")).to_have_text(["You stopped this answer."] * 2)
    expect(heading(console)).to_have_text("hotline beside its base")


@check()
def an_edited_question_is_asked_of_both(console):
    beside(console)
    console.send("first")
    expect(answers(console)).to_have_count(2)
    console.wait_idle()
    console.tool(console.page.locator(".lane chat-message.user").first, "Edit")
    field = console.page.locator(".lane .edit-field")
    field.fill("second")
    field.press("Enter")
    expect(answers(console)).to_have_text(["You said: second"] * 2)


@check()
def what_either_model_writes_does_nothing(console):
    beside(console)
    for number in range(0, len(PAYLOADS), 6):
        console.send(f"inject {number}")
        console.settle()
        console.wait_idle()
        assert console.page.evaluate("window.pwned") is None, PAYLOADS[number]
    console.count(".lane :is(script, iframe, object, form, style, img)", 0)
