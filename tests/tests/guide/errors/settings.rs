//! Errors of settings and of the environment.

use fishjam_emulator::Emulator;
use fishjam_sdk::{FishjamClient, FishjamNotifier, blocking, webhook::WebhookReceiver};
use futures_util::FutureExt;

use super::line;

pub(super) async fn errors() -> anyhow::Result<Vec<String>> {
    let emulator = Emulator::start().await?;
    let url = emulator.url();
    let without_runtime = {
        let fishjam = FishjamClient::new(url, "token")?;
        std::thread::spawn(move || fishjam.get_all_rooms().now_or_never())
            .join()
            .map_err(|_| anyhow::anyhow!("the thread panicked"))?
    };
    Ok(vec![
        line(FishjamClient::new("", "token"))?,
        line(FishjamClient::new("localhost:5002", "token"))?,
        line(FishjamClient::builder("id", "token").base_url("localhost:5002").build())?,
        line(FishjamClient::new(url, ""))?,
        line(FishjamClient::new(url, "a-token\n"))?,
        line(FishjamClient::new(url, "wrong")?.check_credentials().await)?,
        line(FishjamNotifier::new(url, "token")?.connect().await)?,
        line(WebhookReceiver::new([""; 0]))?,
        line(WebhookReceiver::new([" "]))?,
        line(WebhookReceiver::new(["a-secret\n"]))?,
        line(without_runtime.ok_or_else(|| anyhow::anyhow!("the call waits"))?)?,
        line(blocking::FishjamClient::new(url, "token")?.get_all_rooms())?,
    ])
}
