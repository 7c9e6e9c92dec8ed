//! The settings that the real server reads from its environment.

use super::JellyfishBuilder;

const S3: [&str; 4] = ["S3_BUCKET", "S3_REGION", "S3_ACCESS_KEY_ID", "S3_SECRET_ACCESS_KEY"];

impl JellyfishBuilder {
    /// Reads settings from the environment variables of the real server, as the program does.
    ///
    /// - `JF_PORT`, `JF_HOST`, `JF_SERVER_API_TOKEN` and `JF_RESOURCES_BASE_PATH`
    /// - `JF_WEBRTC_USED`, `JF_SIP_USED`, `JF_RECORDING_USED` and `JF_CHECK_ORIGIN`, each `true` or `false`
    /// - `JF_S3_...`, whose values the emulator ignores
    /// - `FJ_COMPONENTS_USED`, of version 0.6: names of component types, separated by spaces
    ///
    /// Version 0.6 also has the prefix `FJ_` for the other variables. This prefix takes precedence.
    ///
    /// `variable` returns the value of a variable. Unset variables and values that the server cannot use change nothing.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> fishjam_emulator::Result<()> {
    /// let jellyfish = fishjam_emulator::Emulator::jellyfish();
    /// let jellyfish = jellyfish.environment(|name| (name == "JF_SERVER_API_TOKEN").then(|| "secret".to_owned()));
    /// assert_eq!(jellyfish.start().await?.token(), "secret");
    /// # Ok(())
    /// # }
    /// ```
    pub fn environment(mut self, variable: impl Fn(&str) -> Option<String>) -> Self {
        let set = |name: &str| variable(name).filter(|value| !value.is_empty());
        let value_of = |name: &str| set(&format!("FJ_{name}")).or_else(|| set(&format!("JF_{name}")));
        let flag = |name: &str| match value_of(name)?.to_ascii_lowercase().as_str() {
            "true" => Some(true),
            "false" => Some(false),
            _ => None,
        };
        if let Some(port) = value_of("PORT").and_then(|port| port.parse().ok()) {
            self = self.port(port);
        }
        if let Some(host) = value_of("HOST") {
            self = self.host(host);
        }
        if let Some(token) = value_of("SERVER_API_TOKEN") {
            self = self.token(token);
        }
        for (name, set) in [
            ("WEBRTC_USED", JellyfishBuilder::webrtc as fn(Self, bool) -> Self),
            ("SIP_USED", JellyfishBuilder::sip),
            ("RECORDING_USED", JellyfishBuilder::recording),
            ("CHECK_ORIGIN", JellyfishBuilder::check_origin),
        ] {
            if let Some(used) = flag(name) {
                self = set(self, used);
            }
        }
        if let Some(components) = set("FJ_COMPONENTS_USED") {
            self = self.components(components.split_whitespace());
        }
        if let Some(folder) = value_of("RESOURCES_BASE_PATH") {
            self = self.resources(folder);
        }
        if S3.iter().all(|name| value_of(name).is_some()) {
            self = self.s3_environment(value_of("S3_PATH_PREFIX").is_some());
        }
        self
    }
}
