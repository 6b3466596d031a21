"""Runs the official Python SDK against `batchwise simulate`, and checks what it makes of the answers.

    python check-sdk.py BATCHWISE

Knows the SDK from 0.125 to 2: only how it signs, its version of the API and some names of errors differ. Stops with the
first thing that is not as it should be.
"""

import contextlib
import subprocess
import sys
import tempfile
import time

import anthropic

IS_OLD = anthropic.__version__.startswith("0.")
MODEL = "claude-haiku-4-5"
MESSAGES = [{"role": "user", "content": "How many legs has a spider?"}]

# An hour of the simulator passes in 15 seconds, and a batch takes six minutes.
TIME_SCALE = "240"
SETTINGS = """
[processing]
seconds_min = 360
seconds_max = 360
seconds_per_thousand = 0
"""


@contextlib.contextmanager
def simulator(settings=""):
    """A client of a simulator with these settings beside the usual ones."""
    with tempfile.NamedTemporaryFile("w", suffix=".toml") as file:
        file.write(SETTINGS + settings)
        file.flush()
        command = [sys.argv[1], "simulate", "--listen", "127.0.0.1:0", "--time-scale", TIME_SCALE, "--faults", file.name]
        server = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        try:
            line = server.stderr.readline()
            assert line.startswith("listening on http://"), line
            url = line.removeprefix("listening on ").strip()
            yield anthropic.Anthropic(api_key="sk-any", base_url=url, max_retries=0)
        finally:
            server.terminate()
            server.wait()
            server.stderr.close()


def fault(on, what, **more):
    lines = [f'on = "{on}"', f'do = "{what}"']
    lines += [f"{name} = {str(value).lower()}" for name, value in more.items()]
    return "[[fault]]\n" + "\n".join(lines) + "\n"


def request(custom_id, **params):
    return {"custom_id": custom_id, "params": {"model": MODEL, "max_tokens": 50, "messages": MESSAGES, **params}}


def ended(client, batch_id):
    """The batch once it has ended."""
    deadline = time.monotonic() + 60
    while (batch := client.messages.batches.retrieve(batch_id)).processing_status != "ended":
        assert time.monotonic() < deadline, batch
        time.sleep(0.05)
    return batch


def error_of(call, status, old, new):
    """The error of a call, which must have this status and this class."""
    try:
        call()
    except anthropic.APIStatusError as error:
        names = [base.__name__ for base in type(error).__mro__]
        assert error.status_code == status and (old if IS_OLD else new) in names, (names, error)
        return error
    raise AssertionError(f"no error where {status} was due")


def check_life_of_a_batch():
    with simulator() as client:
        sign = {name.lower(): value for name, value in client.auth_headers.items()}
        expected = {"x-api-key": "sk-any"} if IS_OLD else {"authorization": "Bearer sk-any"}
        version = "2023-06-01" if IS_OLD else "2026-10-21"
        assert sign == expected, sign
        assert client.default_headers["anthropic-version"] == version, client.default_headers

        counted = client.messages.count_tokens(model=MODEL, messages=MESSAGES).input_tokens
        assert counted == 14, counted

        batches = client.messages.batches
        made = batches.create(
            requests=[
                request("plain"),
                request("sampled", temperature=0.5),
                request("nobody", model="claude-nobody"),
            ]
        )
        assert made.processing_status == "in_progress" and made.request_counts.processing == 3, made
        assert (made.expires_at - made.created_at).total_seconds() == 24 * 3600, made
        assert made.ended_at is None and made.results_url is None, made
        too_early = error_of(lambda: batches.delete(made.id), 400, "BadRequestError", "BadRequestError")
        assert "In progress batches cannot be deleted." in str(too_early), too_early

        done = ended(client, made.id)
        counts = done.request_counts
        # The newer version of the API knows no `temperature`, which shows in the row alone.
        succeeded = 2 if IS_OLD else 1
        assert (counts.succeeded, counts.errored) == (succeeded, 3 - succeeded), counts
        assert (counts.processing, counts.canceled, counts.expired) == (0, 0, 0), counts
        assert done.ended_at > done.created_at and done.results_url.endswith(f"/{made.id}/results"), done

        rows = {row.custom_id: row.result for row in batches.results(made.id)}
        assert set(rows) == {"plain", "sampled", "nobody"}, rows
        message = rows["plain"].message
        assert rows["plain"].type == "succeeded" and message.model.startswith(MODEL), rows["plain"]
        assert message.usage.input_tokens == counted and message.usage.service_tier == "batch", message.usage
        assert 1 <= message.usage.output_tokens <= 50, message.usage
        refused = rows["nobody"].error.error
        assert (refused.type, refused.message) == ("not_found_error", "model: claude-nobody"), refused
        if not IS_OLD:
            refused = rows["sampled"].error.error
            text = "temperature: Extra inputs are not permitted"
            assert (refused.type, refused.message) == ("invalid_request_error", text), refused

        assert batches.delete(made.id).type == "message_batch_deleted"
        error_of(lambda: batches.retrieve(made.id), 404, "NotFoundError", "NotFoundError")


def check_list_and_cancel():
    with simulator() as client:
        batches = client.messages.batches
        made = [batches.create(requests=[request("one")]).id for _ in range(5)]
        page = batches.list(limit=2)
        assert [batch.id for batch in page.data] == made[:2:-1] and page.has_more, page
        assert [batch.id for batch in batches.list(limit=2)] == made[::-1]

        many = batches.create(requests=[request(f"r{number}") for number in range(20)])
        canceled = batches.cancel(many.id)
        assert canceled.processing_status == "canceling" and canceled.cancel_initiated_at, canceled
        counts = ended(client, many.id).request_counts
        assert counts.canceled >= 1 and counts.canceled + counts.succeeded == 20, counts
        kinds = [row.result.type for row in batches.results(many.id)]
        assert kinds.count("canceled") == counts.canceled and len(kinds) == 20, kinds

        beta = client.beta.messages.batches.create(requests=[request("one")], betas=["output-300k-2026-03-24"])
        assert client.beta.messages.batches.retrieve(beta.id).id == beta.id


def check_models():
    with simulator() as client:
        models = {model.id: model for model in client.models.list(limit=5)}
        assert len(models) > 5 and any(name.startswith(MODEL) for name in models), list(models)
        assert client.models.retrieve(MODEL).id in models
        name = "claude-nobody"
        error_of(lambda: client.models.retrieve(name), 404, "NotFoundError", "NotFoundError")


def check_refusals():
    with simulator() as client:
        batches = client.messages.batches
        unknown = error_of(lambda: batches.retrieve("msgbatch_x"), 404, "NotFoundError", "NotFoundError")
        assert "Message Batch msgbatch_x not found." in str(unknown), unknown
        assert unknown.response.headers["request-id"].startswith("req_"), unknown
        twice = [request("dup"), request("dup")]
        bad = error_of(lambda: batches.create(requests=twice), 400, "BadRequestError", "BadRequestError")
        assert "Duplicate custom_id found: dup" in str(bad), bad
    with simulator("[account]\nbody_bytes_max = 300\n") as client:
        large = lambda: client.messages.batches.create(requests=[request("a"), request("b"), request("c")])
        error_of(large, 413, "RequestTooLargeError", "ContentTooLargeError")
    faults = (
        fault("create", "answer", status=401)
        + fault("create", "spend-cap", **{"from": 2})
        + fault("create", "answer", status=529, **{"from": 3})
        + fault("create", "answer", status=504, after_accepting=True, **{"from": 4})
    )
    with simulator(faults) as client:
        create = lambda: client.messages.batches.create(requests=[request("one")])
        error_of(create, 401, "AuthenticationError", "AuthenticationError")
        capped = error_of(create, 429, "RateLimitError", "EnforcedSpendLimitReachedError")
        assert "retry-after" not in capped.response.headers, capped.response.headers
        error_of(create, 529, "OverloadedError", "OverloadedError")
        assert list(client.messages.batches.list()) == []
        error_of(create, 504, "InternalServerError", "GatewayTimeoutError")
        assert len(list(client.messages.batches.list())) == 1, "it took effect nevertheless"


def rows_until_the_end(client, batch_id):
    """How many rows came, and the class of the error that ended them."""
    count = 0
    try:
        for _ in client.messages.batches.results(batch_id):
            count += 1
    except Exception as error:  # Each version lets those of its own HTTP client through.
        return count, type(error).__name__
    return count, None


def check_cut_results():
    """The four ways in which a download ends too early: of one, nothing but the number of rows tells."""
    cuts = ["cut-length", "cut-chunk", "cut-in-line", "cut-at-line"]
    faults = [fault("results", cut, rows=4, **{"from": number}) for number, cut in enumerate(cuts, 1)]
    with simulator("".join(faults)) as client:
        made = client.messages.batches.create(requests=[request(f"r{number}") for number in range(10)])
        ended(client, made.id)
        ends = [rows_until_the_end(client, made.id) for _ in range(5)]
        broken = (4, "RemoteProtocolError")
        assert ends == [broken, broken, (4, "JSONDecodeError"), (4, None), (10, None)], ends


def main():
    check_life_of_a_batch()
    check_list_and_cancel()
    check_models()
    check_refusals()
    check_cut_results()
    print(f"anthropic {anthropic.__version__} and the simulator understand each other")


if __name__ == "__main__":
    main()
