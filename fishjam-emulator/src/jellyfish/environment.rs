//! The settings that the real server takes from its environment.

use super::builder::JellyfishBuilder;

const S3: [&str; 4] = ["JF_S3_BUCKET", "JF_S3_REGION", "JF_S3_ACCESS_KEY_ID", "JF_S3_SECRET_ACCESS_KEY"];

impl JellyfishBuilder {
    /// Takes settings from the environment variables that the real server reads: `JF_PORT`, `JF_HOST`,
    /// `JF_SERVER_API_TOKEN`, `JF_WEBRTC_USED`, `JF_SIP_USED`, `JF_RECORDING_USED`, `JF_CHECK_ORIGIN`,
    /// `JF_RESOURCES_BASE_PATH`, and `JF_S3_...`, of which only is noted that they are there. The program does this.
    ///
    /// `variable` gives the value of one; what it does not give stays as it is, and so does what cannot be.
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
        let given = |name: &str| variable(name).filter(|value| !value.is_empty());
        let switch = |name: &str| match given(name)?.to_ascii_lowercase().as_str() {
            "true" => Some(true),
            "false" => Some(false),
            _ => None,
        };
        if let Some(port) = given("JF_PORT").and_then(|port| port.parse().ok()) {
            self = self.port(port);
        }
        if let Some(host) = given("JF_HOST") {
            self = self.host(host);
        }
        if let Some(token) = given("JF_SERVER_API_TOKEN") {
            self = self.token(token);
        }
        for (name, set) in [
            ("JF_WEBRTC_USED", JellyfishBuilder::webrtc as fn(Self, bool) -> Self),
            ("JF_SIP_USED", JellyfishBuilder::sip),
            ("JF_RECORDING_USED", JellyfishBuilder::recording),
            ("JF_CHECK_ORIGIN", JellyfishBuilder::check_origin),
        ] {
            if let Some(used) = switch(name) {
                self = set(self, used);
            }
        }
        if let Some(folder) = given("JF_RESOURCES_BASE_PATH") {
            self = self.resources(folder);
        }
        if S3.iter().all(|name| given(name).is_some()) {
            self = self.s3_environment(given("JF_S3_PATH_PREFIX").is_some());
        }
        self
    }
}
