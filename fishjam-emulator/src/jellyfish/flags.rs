//! What a Jellyfish is told through its environment: which components and peers it allows, and how it calls itself.

use super::{component::ComponentType, contract::JellyfishContract};

/// What is switched on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Switches {
    pub(crate) contract: JellyfishContract,
    pub(crate) webrtc: bool,
    pub(crate) hls: bool,
    pub(crate) rtsp: bool,
    pub(crate) file: bool,
    pub(crate) sip: bool,
    pub(crate) recording: bool,
    pub(crate) s3: Option<S3Environment>,
}

impl Default for Switches {
    fn default() -> Self {
        Switches {
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

impl Switches {
    /// Returns `true` if components of a type are switched on. Version 0.5 has no switch for HLS, RTSP and files.
    pub(super) fn allows(&self, component_type: ComponentType) -> bool {
        let has_switch = self.contract != JellyfishContract::V0_5;
        match component_type {
            ComponentType::Hls => self.hls || !has_switch,
            ComponentType::Rtsp => self.rtsp || !has_switch,
            ComponentType::File => self.file || !has_switch,
            ComponentType::Sip => self.sip,
            ComponentType::Recording => self.recording,
        }
    }

    /// Switches on the component types with these names, and all others off.
    pub(super) fn allow_only<'a>(&mut self, names: impl IntoIterator<Item = &'a str>) {
        let names: Vec<_> = names.into_iter().collect();
        for (name, switch) in [
            ("hls", &mut self.hls),
            ("rtsp", &mut self.rtsp),
            ("file", &mut self.file),
            ("sip", &mut self.sip),
            ("recording", &mut self.recording),
        ] {
            *switch = names.contains(&name);
        }
    }
}

/// That there are credentials for S3 in the environment; nothing is ever uploaded with them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct S3Environment {
    /// Whether there is a path prefix as well.
    pub(crate) path_prefix: bool,
}
