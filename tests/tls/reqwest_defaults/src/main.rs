//! reqwest with its default features.

fn main() {
    sdk::check();

    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let server = sdk::http_server();
        let response = client.get(format!("http://{server}")).send().await.unwrap();
        assert_eq!(response.text().await.unwrap(), "ok");
        // The handshake starts, and fails.
        assert!(client.get(format!("https://{server}")).send().await.unwrap_err().is_connect());
    });
    reqwest::Client::new();
}
