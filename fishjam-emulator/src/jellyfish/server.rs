//! What a Jellyfish is told through its environment: which components and peers it allows, and how it calls itself.

/// What is switched on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Switches {
    pub(crate) webrtc: bool,
    pub(crate) sip: bool,
    pub(crate) recording: bool,
    pub(crate) s3: Option<S3Environment>,
}

impl Default for Switches {
    fn default() -> Self {
        Switches { webrtc: true, sip: true, recording: true, s3: None }
    }
}

/// That there are credentials for S3 in the environment; nothing is ever uploaded with them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct S3Environment {
    /// Whether there is a path prefix as well.
    pub(crate) path_prefix: bool,
}
