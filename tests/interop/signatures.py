"""Signatures of webhooks that the official SDK accepts or rejects."""

import hmac
import json
import sys

import checks
from fishjam import verify_webhook_signature


def verify():
    """Reports the HMAC of the body, then the validity of each header and secret, or the raised error."""
    body, secret = json.loads(sys.argv[2]).encode(), sys.argv[3]
    checks.note(hmac.new(secret.encode(), body, "sha256").hexdigest())
    for header, with_secret in json.loads(sys.argv[4]):
        try:
            checks.note(verify_webhook_signature(body, header, with_secret))
        except TypeError as error:
            checks.note(type(error).__name__)


if __name__ == "__main__":
    checks.main(verify=verify)
