"""What Schemathesis cannot know: which tokens there are, and that old state is refused with a 503 where a client asks so.

Half of the generated requests are steered to tokens and pools of the sample, so that they get past the first check: a
symbol drawn at random is a token of no pool. Which half is decided by the drawn text itself, so a seed repeats a run.
"""

import zlib

import schemathesis

TOKENS = ["BTC", "USDC", "SOL"]
POOLS = ["BTC-USDC-25", "BTC-USDC-50", "SOL-USDC-25"]


def known(text, names, other=None):
    """Gives a name of the list in place of every second text, another one than `other`."""
    if not isinstance(text, str):
        return text
    drawn = zlib.crc32(text.encode("utf-8", "surrogatepass"))
    choices = [name for name in names if name != other]
    return choices[(drawn >> 1) % len(choices)] if drawn % 2 == 0 else text


def steer(fields):
    """Changes the tokens and pools of a request in place, where it has them."""
    if not isinstance(fields, dict):
        return
    if "token_in" in fields:
        fields["token_in"] = known(fields["token_in"], TOKENS)
    if "token_out" in fields:
        fields["token_out"] = known(fields["token_out"], TOKENS, fields.get("token_in"))
    if isinstance(fields.get("pools"), list):
        fields["pools"] = [known(name, POOLS) for name in fields["pools"]]


@schemathesis.hook
def map_query(context, query):
    steer(query)
    return query


@schemathesis.hook
def map_body(context, body):
    steer(body)
    if isinstance(body, dict) and isinstance(body.get("requests"), list):
        for request in body["requests"]:
            steer(request)
    return body


@schemathesis.hook
def map_path_parameters(context, parameters):
    if isinstance(parameters, dict) and "id" in parameters:
        parameters["id"] = known(parameters["id"], POOLS)
    return parameters


@schemathesis.check
def no_fault_of_the_service(context, response, case):
    """Fails on every 5xx but STALE_STATE, which is what `max_age_ms` asks for."""
    if response.status_code < 500:
        return
    code = response.json().get("error", {}).get("code")
    assert code == "STALE_STATE", f"{response.status_code} {code}: {response.text[:500]}"
