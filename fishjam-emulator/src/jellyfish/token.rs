//! Peer tokens: signed, in the format of the server, and valid for a day.

use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, Mac as _};
use sha2::Sha256;
use uuid::Uuid;

use crate::state::Rejection;

/// The header of a token: base64 of `SFMyNTY`, which is base64 of `HS256`.
const HEADER: &str = "SFMyNTY";
const LIFETIME: Duration = Duration::from_secs(24 * 60 * 60);

/// The peer that a token admits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TokenHolder {
    pub(crate) room: String,
    pub(crate) peer: String,
}

/// Signs and verifies the tokens of one server.
pub(crate) struct Signer(Vec<u8>);

impl Signer {
    pub(crate) fn new() -> Self {
        Signer([Uuid::new_v4().into_bytes(), Uuid::new_v4().into_bytes()].concat())
    }

    /// Creates a token. `at` is the time since the start of the server.
    pub(crate) fn issue(&self, holder: &TokenHolder, at: Duration) -> String {
        // Ids contain no spaces: they are UUIDs or have the characters of room ids.
        let payload = format!("{} {} {}", at.as_secs(), holder.peer, holder.room);
        let signed = format!("{HEADER}.{}", URL_SAFE_NO_PAD.encode(payload));
        let signature = URL_SAFE_NO_PAD.encode(self.sign(&signed));
        format!("{signed}.{signature}")
    }

    /// Returns the peer that a token admits at this time.
    pub(crate) fn verify(&self, token: &str, at: Duration) -> Result<TokenHolder, Rejection> {
        let (signed, signature) = token.rsplit_once('.').ok_or(Rejection::InvalidToken)?;
        if URL_SAFE_NO_PAD.decode(signature).ok().as_deref() != Some(self.sign(signed).as_slice()) {
            return Err(Rejection::InvalidToken);
        }
        let (issued, holder) = parse(signed).ok_or(Rejection::InvalidToken)?;
        if at.saturating_sub(issued) > LIFETIME { Err(Rejection::ExpiredToken) } else { Ok(holder) }
    }

    fn sign(&self, input: &str) -> Vec<u8> {
        // This does not fail, because HMAC accepts keys of any length.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&self.0) else { return Vec::new() };
        mac.update(input.as_bytes());
        mac.finalize().into_bytes().to_vec()
    }
}

fn parse(signed: &str) -> Option<(Duration, TokenHolder)> {
    let payload = URL_SAFE_NO_PAD.decode(signed.strip_prefix(HEADER)?.strip_prefix('.')?).ok()?;
    let payload = String::from_utf8(payload).ok()?;
    let (issued, rest) = payload.split_once(' ')?;
    let (peer, room) = rest.split_once(' ')?;
    let holder = TokenHolder { room: room.to_owned(), peer: peer.to_owned() };
    Some((Duration::from_secs(issued.parse().ok()?), holder))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_signed_and_expire() {
        let signer = Signer::new();
        let holder = TokenHolder { room: "golden\n".to_owned(), peer: Uuid::new_v4().to_string() };
        let at = Duration::from_secs(5);
        let token = signer.issue(&holder, at);
        assert!(token.starts_with("SFMyNTY.") && token.rsplit('.').next().unwrap().len() == 43, "{token}");
        assert_eq!(signer.verify(&token, at), Ok(holder.clone()));
        assert_eq!(signer.verify(&token, at + LIFETIME), Ok(holder));
        let later = at + LIFETIME + Duration::from_secs(1);
        assert_eq!(signer.verify(&token, later), Err(Rejection::ExpiredToken));
        assert_eq!(Signer::new().verify(&token, at), Err(Rejection::InvalidToken));
        for bad in ["", "development", "a.b.c", &token[1..], &token[..token.len() - 1]] {
            assert_eq!(signer.verify(bad, at), Err(Rejection::InvalidToken), "{bad}");
        }
    }
}
