//! The flags of the server: its version, and the components and peers that it allows.

use super::{component::ComponentType, contract::JellyfishContract};

/// The version of the server, and the features that are enabled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ServerFlags {
    pub(crate) contract: JellyfishContract,
    pub(crate) webrtc: bool,
    pub(crate) hls: bool,
    pub(crate) rtsp: bool,
    pub(crate) file: bool,
    pub(crate) sip: bool,
    pub(crate) recording: bool,
    pub(crate) s3: Option<S3Environment>,
}

impl Default for ServerFlags {
    fn default() -> Self {
        ServerFlags {
            contract: JellyfishContract::default(),
            webrtc: true,
            hls: true,
            rtsp: true,
            file: true,
            sip: true,
            recording: true,
            s3: None,
        }
    }
}

impl ServerFlags {
    /// Returns `true` if components of a type are enabled. Version 0.5 has no flag for HLS, RTSP and files.
    pub(super) fn allows(&self, component_type: ComponentType) -> bool {
        let has_flag = self.contract != JellyfishContract::V0_5;
        match component_type {
            ComponentType::Hls => self.hls || !has_flag,
            ComponentType::Rtsp => self.rtsp || !has_flag,
            ComponentType::File => self.file || !has_flag,
            ComponentType::Sip => self.sip,
            ComponentType::Recording => self.recording,
        }
    }

    /// Enables the component types with these names, and disables all others.
    pub(super) fn allow_only<'a>(&mut self, names: impl IntoIterator<Item = &'a str>) {
        let names: Vec<_> = names.into_iter().collect();
        for (name, flag) in [
            ("hls", &mut self.hls),
            ("rtsp", &mut self.rtsp),
            ("file", &mut self.file),
            ("sip", &mut self.sip),
            ("recording", &mut self.recording),
        ] {
            *flag = names.contains(&name);
        }
    }
}

/// Credentials for S3 in the environment of the server. The emulator uploads nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct S3Environment {
    /// Whether the environment also contains a path prefix.
    pub(crate) path_prefix: bool,
}
