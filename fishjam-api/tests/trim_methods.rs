//! The generator keeps the part of progenitor's client that builds requests.

#[path = "../codegen/trim_methods.rs"]
mod trim_methods;

use quote::ToTokens;
use syn::{File, parse_quote};

/// The result of the generator's steps. They import it from the root of the crate.
type Outcome<T> = Result<T, String>;

/// Trims a file, and returns its tokens with one space between them.
fn trimmed(mut file: File) -> Outcome<String> {
    trim_methods::trim(&mut file)?;
    Ok(file.into_token_stream().to_string())
}

fn method(method: syn::ImplItemFn) -> File {
    parse_quote! { impl Client { #method } }
}

#[test]
fn method_ends_where_its_request_is_built() {
    let text = trimmed(method(parse_quote! {
        pub async fn get_room<'a>(&'a self, id: &'a str) -> Result<ResponseValue<types::Room>, Error<types::Error>> {
            let url = format!("{}/room/{}", self.baseurl, encode_path(&id.to_string()),);
            let mut header_map = HeaderMap::with_capacity(1usize);
            header_map.append(HeaderName::from_static("api-version"), HeaderValue::from_static(Self::api_version()));
            let mut request = self.client.get(url).header(ACCEPT, HeaderValue::from_static("application/json"))
                .headers(header_map).build()?;
            let info = OperationInfo { operation_id: "get_room" };
            self.pre(&mut request, &info).await?;
            match self.exec(request, &info).await?.status().as_u16() {
                200u16 => ResponseValue::from_response(response).await,
                _ => Err(Error::UnexpectedResponse(response)),
            }
        }
    }))
    .unwrap();
    let expected: syn::ImplItemFn = parse_quote! {
        pub fn get_room<'a>(&'a self, id: crate::PathSegment<'a>) -> crate::RequestResult<types::Room> {
            let url = format!("{}/room/{}", self.baseurl, id,);
            Ok(crate::TypedRequest::new(self.client.get(url).build()?))
        }
    };
    assert!(text.contains(&expected.into_token_stream().to_string()), "{text}");
}

#[test]
fn request_keeps_its_headers_and_stream_becomes_bytes() {
    let text = trimmed(method(parse_quote! {
        pub async fn get_file(&self, range: Option<&str>) -> Result<ResponseValue<ByteStream>, Error<()>> {
            let mut header_map = HeaderMap::with_capacity(2usize);
            header_map.append(HeaderName::from_static("api-version"), HeaderValue::from_static(Self::api_version()));
            if let Some(value) = range {
                header_map.append("range", value.to_string().try_into()?);
            }
            let mut request = self.client.get(url).header(CONTENT_TYPE, "text/plain").headers(header_map).build()?;
            let response = self.exec(request).await?;
        }
    }))
    .unwrap();
    assert!(text.contains("crate :: RequestResult < :: bytes :: Bytes >"), "{text}");
    assert!(text.contains(r#"header_map . append ("range""#) && text.contains(". headers (header_map)"), "{text}");
    assert!(text.contains("CONTENT_TYPE") && !text.contains("api-version") && !text.contains("exec"), "{text}");
}

#[test]
fn query_moves_to_the_typed_request() {
    let text = trimmed(method(parse_quote! {
        async fn list(&self, a: Option<&str>, b: Option<&B>) -> Result<ResponseValue<()>, Error<()>> {
            let mut request = self.client.post(url)
                .query(&progenitor_client::QueryParam::new("a", &a)).json(&body)
                .query(&progenitor_client::QueryParam::new("b", &b)).build()?;
        }
    }))
    .unwrap();
    let expected: syn::Expr = parse_quote! {
        Ok(crate::TypedRequest::new(self.client.post(url).json(&body).build()?).query("a", a).query("b", b))
    };
    assert!(text.contains(&expected.into_token_stream().to_string()), "{text}");
}

#[test]
fn client_keeps_only_its_address_and_its_methods() {
    let text = trimmed(parse_quote! {
        pub use progenitor_client::{ByteStream, Error};
        pub mod types {}
        pub struct Client { baseurl: String, client: reqwest::Client }
        impl Client {
            pub fn new(baseurl: &str) -> Self { Self::new_with_client(baseurl, reqwest::Client::new()) }
            pub fn new_with_client(baseurl: &str, client: reqwest::Client) -> Self {
                Self { baseurl: baseurl.to_string(), client }
            }
        }
        impl ClientInfo<()> for Client {}
        impl ClientHooks<()> for &Client {}
        impl Other {}
    })
    .unwrap();
    assert!(
        text.contains("client : crate :: RequestFactory }") && text.contains("client : crate :: RequestFactory)"),
        "{text}"
    );
    assert!(text.contains("mod types") && text.contains("impl Other") && text.contains("fn new_with_client"), "{text}");
    for gone in ["ClientInfo", "ClientHooks", "progenitor_client", "fn new (", "reqwest"] {
        assert!(!text.contains(gone), "{gone} is still in {text}");
    }
}

#[test]
fn unexpected_method_is_an_error_with_its_name() {
    for (changed, why) in [
        (parse_quote! { async fn odd(&self) -> u8 { 0 } }, "ResponseValue"),
        (parse_quote! { async fn odd(&self) -> Result<ResponseValue<()>, Error<()>> { todo } }, "request"),
        (
            parse_quote! {
                async fn odd(&self) -> Result<ResponseValue<()>, Error<()>> {
                    let request = self.client.get(url).query(&[("a", a)]).build()?;
                }
            },
            "query",
        ),
        (
            parse_quote! {
                async fn odd(&self, a: &str) -> Result<ResponseValue<()>, Error<()>> {
                    let request = self.client.get(url).query(&progenitor_client::QueryParam::new("a", &a)).build()?;
                }
            },
            "required",
        ),
        (
            parse_quote! {
                async fn odd(&self, a: Option<&Vec<u8>>) -> Result<ResponseValue<()>, Error<()>> {
                    let request = self.client.get(url).query(&progenitor_client::QueryParam::new("a", &a)).build()?;
                }
            },
            "list",
        ),
        (
            parse_quote! {
                async fn odd<'a>(&'a self, id: &'a types::Id) -> Result<ResponseValue<()>, Error<()>> {
                    let url = format!("{}/room/{}", self.baseurl, encode_path(&id.to_string()),);
                    let request = self.client.get(url).build()?;
                }
            },
            "id in its path",
        ),
    ] {
        let problem = trimmed(method(changed)).unwrap_err();
        assert!(problem.contains("odd") && problem.contains(why), "{problem}");
    }
}
