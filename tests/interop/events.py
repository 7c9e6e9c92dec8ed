"""Every notification as bytes, decoded by the official decoder."""

import dataclasses
import json
import sys

import betterproto
import checks
from checks import camel_case
from fishjam import StaleSdkError, decode_server_notifications
from fishjam.events import ServerMessagePeerType, ServerMessageRecordingStatusChangedStatus, TrackType
from notifications import name

ENUMS = {
    "peer_type": (ServerMessagePeerType, "PEER_TYPE_"),
    "status": (ServerMessageRecordingStatusChangedStatus, "STATUS_"),
    "type": (TrackType, "TRACK_TYPE_"),
}


def fields(message):
    """Returns the fields by their names in JSON. Of alternatives, only the set one. Metadata is nested JSON."""
    chosen = None
    if hasattr(message, "component_id"):
        chosen, _ = betterproto.which_one_of(message, "endpoint_info")
    described = {}
    for field in dataclasses.fields(message):
        if field.metadata["betterproto"].group and field.name != chosen:
            continue
        value = getattr(message, field.name)
        if field.name in ENUMS:
            enum, prefix = ENUMS[field.name]
            value = enum(value).name.removeprefix(prefix).lower() if value else None
        elif field.name == "metadata":
            value = json.loads(value) if value else None
        elif isinstance(value, betterproto.Message):
            value = fields(value)
        described[camel_case(field.name)] = value
    return described


def decode():
    """Reports the content of each body. The bodies are hexadecimal strings."""
    for body in json.loads(sys.argv[2]):
        try:
            notifications = decode_server_notifications(bytes.fromhex(body))
        except StaleSdkError as error:
            checks.note({"error": type(error).__name__})
        else:
            checks.note([{camel_case(name(notification)): fields(notification)} for notification in notifications])


if __name__ == "__main__":
    checks.main(decode=decode)
