"""Access to the Media over QUIC relay."""

import base64
import json

import checks
from checks import WRONG_TOKEN, check, equal, raises, true
from fishjam.errors import BadRequestError, UnauthorizedError

HOUR = 3600
WEEK = 604_800


def claims(access):
    """Returns the permissions and the lifetime of the token."""
    true(access.connection_url.endswith(f"?jwt={access.token}"), f"got {access.connection_url}")
    payload = access.token.split(".")[1]
    said = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return said["put"], said["get"], said["exp"] - said["iat"]


def examine():
    fishjam = checks.client()
    for name, options, expected in (
        ("publish only, for an hour", {"publish_path": "stream"}, (["stream"], [], HOUR)),
        ("subscribe only", {"subscribe_path": "stream/a"}, ([], ["stream/a"], HOUR)),
        ("both", {"publish_path": "a", "subscribe_path": "b"}, (["a"], ["b"], HOUR)),
        ("the shortest ttl", {"publish_path": "a", "ttl": 1}, (["a"], [], 1)),
        ("the longest ttl", {"publish_path": "a", "ttl": WEEK}, (["a"], [], WEEK)),
    ):
        with check(f"create_moq_access: {name}"):
            equal(claims(fishjam.create_moq_access(**options)), expected)
    for name, options in (
        ("no path", {}),
        ("a ttl over the limit", {"publish_path": "a", "ttl": WEEK + 1}),
        ("no ttl at all", {"publish_path": "a", "ttl": 0}),
    ):
        with check(f"create_moq_access: {name}: BadRequestError"):
            raises(BadRequestError, fishjam.create_moq_access, **options)
    with check("create_moq_access with a wrong token: UnauthorizedError"):
        raises(UnauthorizedError, checks.client(WRONG_TOKEN).create_moq_access, "a")


def calls():
    fishjam = checks.client()
    fishjam.create_moq_access(publish_path="stream/kamera ż")
    fishjam.create_moq_access(subscribe_path="stream")
    fishjam.create_moq_access(publish_path="a", subscribe_path="b", ttl=1)
    fishjam.create_moq_access(publish_path="a", subscribe_path="b", ttl=WEEK)
    raises(BadRequestError, fishjam.create_moq_access)
    raises(BadRequestError, fishjam.create_moq_access, "a", "b", WEEK + 1)
    raises(BadRequestError, fishjam.create_moq_access, "a", "b", 0)
    raises(UnauthorizedError, checks.client(WRONG_TOKEN).create_moq_access, "a")


if __name__ == "__main__":
    checks.main(check=examine, calls=calls)
