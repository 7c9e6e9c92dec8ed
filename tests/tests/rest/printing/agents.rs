//! Agents' sessions, printed.

use std::time::Duration;

use fishjam_sdk::{
    AgentOptions, AgentOutputOptions, FishjamClient, PeerId, Result, RoomOptions,
    agent::{Chunker, Mixer, OutgoingAudioTrackOptions, Pacer, PacingOptions, PcmFormat, SampleRate, SpeakerEvent},
};
use fishjam_tests::support::within;
use futures_util::{StreamExt, stream};

use super::{CapturedOutput, SENTINEL, metadata};

/// Prints values that hold audio.
pub(super) fn print_audio(printed: &mut CapturedOutput) -> anyhow::Result<()> {
    let (format, frame) = (PcmFormat::mono(SampleRate::Hz16000), Duration::from_millis(20));
    let mut chunker = Chunker::new(format, frame)?;
    assert!(chunker.push(SENTINEL.repeat(2)).is_empty());
    printed.debug(&chunker);
    let mut mixer = Mixer::<PeerId>::new(format, frame)?;
    mixer.push("p".into(), format, SENTINEL.repeat(2).as_bytes())?;
    printed.debug(&mixer);
    let mut pacer = Pacer::new(format, PacingOptions::new())?;
    pacer.push(&SENTINEL.repeat(2).into())?;
    printed.debug(&pacer);
    printed.debug(&chunker.stream(stream::empty::<Vec<u8>>()));
    printed.debug(&Chunker::new(format, frame)?.try_stream(stream::empty::<Result<Vec<u8>>>()));
    Ok(())
}

/// Prints the handles of a session while an agent hears another agent, and after the room ended.
pub(super) async fn print(printed: &mut CapturedOutput, fishjam: &FishjamClient) -> anyhow::Result<()> {
    let room = fishjam.create_room(RoomOptions::new()).await?;
    let output = AgentOutputOptions::new().audio_sample_rate(SampleRate::Hz16000);
    let listener = fishjam.create_agent(&room.id, AgentOptions::new().output(output)).await?;
    let speaker = fishjam.create_agent(&room.id, AgentOptions::new()).await?;
    for agent in [&listener, &speaker] {
        printed.debug(agent);
        printed.secrets.push(agent.token().expose().to_owned());
    }
    let (_sender, receiver) = within("the listener", listener.connect()).await??.split();
    let session = within("the speaker", speaker.connect()).await??;
    printed.debug(&receiver);
    printed.debug(&session);
    let options = OutgoingAudioTrackOptions::pcm16(SampleRate::Hz16000).metadata(metadata());
    let track = within("the track", session.add_track(options)).await??;
    printed.debug(&track);
    within("the audio", track.send_chunk(SENTINEL.repeat(2))).await??;

    let mut speakers = receiver.speakers();
    loop {
        let heard = within("a speaker", speakers.next()).await?;
        let Some(Ok(heard)) = heard else { anyhow::bail!("{heard:?}") };
        printed.debug(&heard);
        if let SpeakerEvent::Speaker(speaker) = heard {
            printed.debug(&speaker);
            break;
        }
    }
    printed.debug(&speakers);

    let (sender, mut receiver) = session.split();
    fishjam.delete_room(&room.id).await?;
    while let Some(Ok(_)) = within("the end", receiver.receive()).await? {}
    let Some(end) = sender.end() else { anyhow::bail!("the session has no end") };
    printed.debug(&end);
    printed.debug(&sender);
    printed.debug(&receiver);
    Ok(())
}
