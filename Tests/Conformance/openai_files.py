"""Files as a program has them: uploaded, listed, read and deleted through the client's own methods."""

import io
import time

import openai

from openai_client import async_client_of, client_of, refused
from target import Target, equal

ROWS = '{"messages": [{"role": "user", "content": "雨"}, {"role": "assistant", "content": "燕"}]}\r\n' * 100


def upload(target: Target, content=ROWS.encode(), name: str = "rows.jsonl", **fields):
    return client_of(target).files.create(file=(name, content), **{"purpose": "fine-tune"} | fields)


def a_file_comes_back_as_it_went(target: Target):
    client, file = client_of(target), upload(target)
    equal((file.object, file.bytes, file.filename, file.purpose), ("file", len(ROWS.encode()), "rows.jsonl", "fine-tune"))
    assert file.id.startswith("file-") and abs(file.created_at - time.time()) < 60, file
    equal(client.files.retrieve(file.id), file)
    equal(client.files.content(file.id).read(), ROWS.encode(), "content")
    assert file.id in [found.id for found in client.files.list()]
    deleted = client.files.delete(file.id)
    equal((deleted.id, deleted.deleted, deleted.object), (file.id, True, "file"))
    assert isinstance(refused(lambda: client.files.retrieve(file.id)), openai.NotFoundError)


def every_byte_and_every_name_comes_back(target: Target):
    content = bytes(range(256)) * 300 + b"\r\n--" * 50
    for name in ("雨燕 notes.jsonl", 'quote " and ; and = .txt', "plain"):
        file = upload(target, content, name, purpose="user_data")
        equal(file.filename, name, "filename")
        equal(client_of(target).files.content(file.id).read(), content, "content")
        client_of(target).files.delete(file.id)


def a_stream_of_unknown_name_can_be_uploaded(target: Target):
    file = client_of(target).files.create(file=io.BytesIO(b"{}"), purpose="batch")
    equal(file.bytes, 2)
    client_of(target).files.delete(file.id)


def pages_follow_each_other(target: Target):
    client = client_of(target)
    ids = [upload(target, f"row {index}".encode(), purpose="evals").id for index in range(5)]
    equal([file.id for file in client.files.list(purpose="evals", limit=2, order="asc")][-5:], ids)
    page = client.files.list(purpose="evals", limit=2)
    equal(([file.id for file in page.data], page.has_next_page()), ([ids[4], ids[3]], True))
    for id in ids:
        client.files.delete(id)


def a_file_can_be_given_an_end(target: Target):
    file = upload(target, purpose="user_data", expires_after={"anchor": "created_at", "seconds": 3600})
    equal(file.expires_at, file.created_at + 3600)
    client_of(target).files.delete(file.id)


def a_wrong_upload_is_a_bad_request(target: Target):
    error = refused(lambda: upload(target, purpose="fun"))
    assert isinstance(error, openai.BadRequestError), error
    equal(error.param, "purpose")
    equal(refused(lambda: upload(target, b"")).param, "file")


async def async_clients_upload_too(target: Target):
    async with async_client_of(target) as client:
        file = await client.files.create(file=("a.jsonl", ROWS.encode()), purpose="fine-tune")
        equal((await client.files.content(file.id)).read(), ROWS.encode(), "content")
        await client.files.delete(file.id)
