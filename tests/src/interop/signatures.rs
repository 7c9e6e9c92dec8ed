//! Signatures of webhooks: the official SDK and ours accept and refuse the same.

use anyhow::{Context, Result, ensure};
use fishjam_sdk::webhook::{sign_webhook, verify_webhook_signature};
use futures_util::{FutureExt, future::BoxFuture};
use serde_json::{Value, json};

use crate::{
    python::Python,
    report::Section,
    scenario::{Scenario, emulator},
};

pub(crate) const SCENARIO: Scenario = Scenario { name: "signatures", run_both: Some(run_both), ..Scenario::NOTHING };

const SECRET: &str = "tajne hasło";
const BODY: &str = "a body, zażółć\0\r\n";

/// The tolerated differences: the row, the result of Python, and the reason. Our SDK always rejects.
const TOLERATED: [(&str, &str, &str); 5] = [
    ("a letter that is not ASCII", r#""TypeError""#, "the Python SDK raises instead of refusing (X16)"),
    ("a letter that is not ASCII, short", r#""TypeError""#, "the Python SDK raises instead of refusing (X16)"),
    ("a no-break space around", "true", "the Python SDK strips what is no white space of HTTP"),
    ("a separator character around", "true", "the Python SDK strips what no HTTP header can hold"),
    ("an empty secret", "true", "anyone could sign with an empty secret, so we accept no signature with it"),
];

/// A header, and the secret for its verification.
struct Row {
    name: &'static str,
    header: String,
    secret: &'static str,
}

fn rows() -> Vec<Row> {
    let signed = sign_webhook(BODY.as_bytes(), SECRET);
    let digits = signed.trim_start_matches("sha256=").to_owned();
    let (short, tampered) = (digits[..63].to_owned(), format!("{}{}", &digits[1..], &digits[..1]));
    let row = |name, header: String| Row { name, header, secret: SECRET };
    vec![
        row("as we sign", signed.clone()),
        row("without a prefix", digits.clone()),
        row("spaces around", format!("  {signed}\t")),
        row("a line's end", format!("{digits}\r\n")),
        row("empty", String::new()),
        row("only the prefix", "sha256=".to_owned()),
        row("the prefix twice", format!("sha256={signed}")),
        row("the prefix in capitals", format!("SHA256={digits}")),
        row("another prefix", format!("sha1={digits}")),
        row("a space after the prefix", format!("sha256= {digits}")),
        row("a space inside", format!("{} {}", &digits[..32], &digits[32..])),
        row("digits in capitals", format!("sha256={}", digits.to_uppercase())),
        row("a digit less", format!("sha256={short}")),
        row("a digit more", format!("{signed}0")),
        row("no digit", format!("{short}g")),
        row("two signatures", format!("{signed},{signed}")),
        row("of something else", sign_webhook(b"another body", SECRET)),
        row("other digits", tampered),
        row("a NUL at the end", format!("{signed}\0")),
        row("a letter that is not ASCII", format!("{short}ż")),
        row("a letter that is not ASCII, short", "ż".to_owned()),
        row("a no-break space around", format!("{signed}\u{a0}")),
        row("a separator character around", format!("\u{1f}{signed}")),
        Row { name: "with another secret", header: signed.clone(), secret: "another" },
        Row { name: "a secret with a space more", header: signed, secret: "tajne hasło " },
        Row { name: "an empty secret", header: sign_webhook_with_nothing(), secret: "" },
    ]
}

/// HMAC-SHA256 of [`BODY`] with an empty key, from Python's `hmac`.
fn sign_webhook_with_nothing() -> String {
    "sha256=aa018e65186ae9e7d2e0ea20b817f815ef6aa6400e60d18c94badb71290f121b".to_owned()
}

fn run_both<'a>(python: &'a Python, section: &'a mut Section<'_>) -> BoxFuture<'a, Result<()>> {
    async move {
        let rows = rows();
        let asked: Vec<_> = rows.iter().map(|row| json!([row.header, row.secret])).collect();
        let arguments = ["verify", BODY_AS_JSON, SECRET, &json!(asked).to_string()];
        let said = python.run("signatures", &arguments, &emulator().await?).await?;
        said.judge(section);
        let [their_signature, theirs @ ..] = said.notes.as_slice() else {
            section.failed("the script judged the headers", "there are no notes");
            return Ok(());
        };
        section.check("Python's own HMAC is what we sign, and we verify it", || {
            let signature = their_signature.as_str().context("it is no text")?;
            ensure!(format!("sha256={signature}") == sign_webhook(BODY.as_bytes(), SECRET), "it is {signature}");
            ensure!(verify_webhook_signature(BODY.as_bytes(), signature, SECRET), "we do not");
            Ok(())
        });
        section.check("the script checked all headers", || {
            ensure!(theirs.len() == rows.len(), "{} of {}", theirs.len(), rows.len());
            Ok(())
        });
        for (row, python) in rows.iter().zip(theirs) {
            let rust = verify_webhook_signature(BODY.as_bytes(), &row.header, row.secret);
            section.check(&format!("{}: {rust}", row.name), || judge(row, python, rust));
        }
        Ok(())
    }
    .boxed()
}

/// [`BODY`] as JSON, because an argument of a program cannot contain it.
const BODY_AS_JSON: &str = r#""a body, zażółć\u0000\r\n""#;

fn judge(row: &Row, python: &Value, rust: bool) -> Result<()> {
    match TOLERATED.iter().find(|(name, ..)| *name == row.name) {
        None => ensure!(*python == rust, "Python {python}, Rust {rust}"),
        Some((_, expected, reason)) => {
            ensure!(!rust, "we accept it");
            ensure!(*python != rust, "never seen, so to be removed from the list: {reason}");
            let told = python.to_string();
            ensure!(told == *expected, "Python {told}, although {reason}");
        }
    }
    Ok(())
}
