//! reqwest without TLS.

fn main() {
    sdk::check();

    if cfg!(feature = "rustls-ring") {
        // Documented: reqwest gets rustls without a provider, because it has no feature for ring.
        std::panic::catch_unwind(reqwest::Client::new).unwrap_err();
        return;
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let body = runtime.block_on(async {
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let url = format!("http://{}", sdk::http_server());
        client.get(url).send().await.unwrap().text().await.unwrap()
    });
    assert_eq!(body, "ok");
    reqwest::Client::new();
}
