"""Creating a client and checking its credentials."""

import checks
from checks import FISHJAM_ID, ORIGIN, TOKEN, UNKNOWN_ID, WRONG_TOKEN, check, equal, raises, requests_sent, true
from fishjam import (
    FishjamClient,
    FishjamNotifier,
    InvalidFishjamCredentialsError,
    MissingFishjamIdError,
    PeerOptionsVapi,
)
from fishjam.errors import UnauthorizedError
from fishjam.recording import CompositionSource, TemplateSource

COMPOSITION = "https://rtc.fishjam.io/api/composition/first"


def validate():
    with requests_sent() as sent:
        with check("P57 an empty id is refused, by the client and by the notifier"):
            for make in (FishjamClient, FishjamNotifier):
                raises(MissingFishjamIdError, make, "", TOKEN)
            raises(MissingFishjamIdError, FishjamClient.create_and_verify, fishjam_id="", management_token=TOKEN)
        with check("P58 a client is created without a request"):
            FishjamClient(FISHJAM_ID, WRONG_TOKEN)
            equal(len(sent), 0)

    with check("P59 create_and_verify with a wrong token: InvalidFishjamCredentialsError"):
        error = raises(
            InvalidFishjamCredentialsError,
            FishjamClient.create_and_verify,
            fishjam_id=FISHJAM_ID,
            management_token=WRONG_TOKEN,
        )
        equal(str(error), "Invalid Fishjam credentials")
    with check("P60 create_and_verify sends exactly one request to /validate"), requests_sent() as sent:
        fishjam = FishjamClient.create_and_verify(fishjam_id=FISHJAM_ID, management_token=TOKEN)
        true(isinstance(fishjam, FishjamClient), f"got {fishjam!r}")
        equal([(request.method, request.url.path.rsplit("/", 1)[-1]) for request in sent], [("GET", "validate")])
    with check("P61 check_credentials with a wrong token: InvalidFishjamCredentialsError"):
        raises(InvalidFishjamCredentialsError, checks.client(WRONG_TOKEN).check_credentials)
    with check("P62 check_credentials with the right token returns nothing"):
        equal(checks.client().check_credentials(), None)
    for name, address in (("the bare origin", ORIGIN), ("a trailing slash", FISHJAM_ID + "/")):
        with check(f"the address may be {name}"):
            fishjam = FishjamClient.create_and_verify(fishjam_id=address, management_token=TOKEN)
            equal(fishjam.get_all_rooms(), [])
            raises(UnauthorizedError, FishjamClient(address, WRONG_TOKEN).get_all_rooms)


def wrong_token_everywhere():
    fishjam = checks.client(WRONG_TOKEN)
    peer = (UNKNOWN_ID, UNKNOWN_ID)
    for method, *args in (
        (fishjam.create_room,),
        (fishjam.get_all_rooms,),
        (fishjam.get_room, UNKNOWN_ID),
        (fishjam.delete_room, UNKNOWN_ID),
        (fishjam.create_peer, UNKNOWN_ID),
        (fishjam.create_agent, UNKNOWN_ID),
        (fishjam.create_vapi_agent, UNKNOWN_ID, PeerOptionsVapi(api_key="key", call_id="call")),
        (fishjam.delete_peer, *peer),
        (fishjam.refresh_peer_token, *peer),
        (fishjam.subscribe_peer, *peer, UNKNOWN_ID),
        (fishjam.subscribe_tracks, *peer, []),
        (fishjam.forward_room_tracks, UNKNOWN_ID, COMPOSITION),
        (fishjam.create_moq_access, "path"),
        (fishjam.create_composition_recording, CompositionSource(composition_url=COMPOSITION, output_id="output")),
        (fishjam.create_template_recording, TemplateSource(composition_url=COMPOSITION), b"template"),
        (fishjam.get_recording, UNKNOWN_ID),
        (fishjam.get_all_recordings,),
        (fishjam.stop_recording, UNKNOWN_ID),
        (fishjam.delete_recording, UNKNOWN_ID),
        (fishjam.create_livestream_viewer_token, UNKNOWN_ID),
        (fishjam.create_livestream_streamer_token, UNKNOWN_ID),
    ):
        with check(f"{method.__name__} with a wrong token: UnauthorizedError"):
            error = raises(UnauthorizedError, method, *args)
            equal(str(error), "Invalid token")


def examine():
    validate()
    wrong_token_everywhere()


def calls():
    FishjamClient.create_and_verify(fishjam_id=FISHJAM_ID, management_token=TOKEN)
    FishjamClient(FISHJAM_ID + "/", TOKEN).check_credentials()
    wrong = checks.client(WRONG_TOKEN)
    raises(InvalidFishjamCredentialsError, wrong.check_credentials)
    raises(UnauthorizedError, wrong.get_all_rooms)


if __name__ == "__main__":
    checks.main(check=examine, calls=calls)
