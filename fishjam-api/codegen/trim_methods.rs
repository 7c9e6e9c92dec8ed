//! Trims the methods of progenitor's client, so that each one ends where it has built its request.
//!
//! The SDK sends requests, retries them and decodes responses. Every dependent would compile the rest of each method, and
//! no dependent would run it.

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::quote;
use syn::{
    Expr, ExprMethodCall, File, FnArg, GenericArgument, ImplItem, ImplItemFn, Item, ItemImpl, Pat, PathArguments,
    ReturnType, Signature, Stmt, Type, parse_quote,
};

use crate::Outcome;

/// Keeps the types of a generated file, and a client whose methods return a `crate::RequestResult`.
pub(crate) fn trim(file: &mut File) -> Outcome<()> {
    let mut kept = Vec::new();
    for item in std::mem::take(&mut file.items) {
        match item {
            // The trimmed methods do not need these items.
            Item::Use(_) | Item::Const(_) => {}
            Item::Impl(implementation) if implementation.trait_.is_some() && is_client(&implementation) => {}
            Item::Struct(mut client) if client.ident == "Client" => {
                client.fields.iter_mut().for_each(|field| build_only(&mut field.ty));
                kept.push(Item::Struct(client));
            }
            Item::Impl(mut implementation) if is_client(&implementation) => {
                trim_all(&mut implementation)?;
                if !implementation.items.is_empty() {
                    kept.push(Item::Impl(implementation));
                }
            }
            other => kept.push(other),
        }
    }
    file.items = kept;
    Ok(())
}

fn is_client(implementation: &ItemImpl) -> bool {
    matches!(text(&implementation.self_ty).as_str(), "Client" | "& Client")
}

/// Trims every operation, and removes the constructor without an existing client.
fn trim_all(implementation: &mut ItemImpl) -> Outcome<()> {
    implementation.items.retain(|item| !matches!(item, ImplItem::Fn(method) if method.sig.ident == "new"));
    for item in &mut implementation.items {
        let ImplItem::Fn(method) = item else { continue };
        if method.sig.asyncness.take().is_some() {
            trim_method(method).map_err(|problem| format!("the generated method {}: {problem}", method.sig.ident))?;
        } else {
            // Progenitor documents whole URLs.
            method.attrs = vec![parse_quote! { #[doc = " Creates a client whose request paths have this prefix."] }];
            method.vis = parse_quote! { pub(crate) };
            for argument in &mut method.sig.inputs {
                if let FnArg::Typed(argument) = argument {
                    build_only(&mut argument.ty);
                }
            }
        }
    }
    Ok(())
}

/// Replaces the type that can send requests with the type that only builds them.
fn build_only(kind: &mut Type) {
    if text(kind) == "reqwest :: Client" {
        *kind = parse_quote! { crate::RequestFactory };
    }
}

/// Removes everything after the request of a method.
fn trim_method(method: &mut ImplItemFn) -> Outcome<()> {
    let response = response(&method.sig.output).ok_or("it returns no `Result<ResponseValue<T>, _>`")?;
    method.sig.output = parse_quote! { -> crate::RequestResult<#response> };
    let mut statements = Vec::new();
    let mut request = None;
    for statement in std::mem::take(&mut method.block.stmts) {
        // Progenitor adds this header. The contract does not have it.
        if text(&statement).contains("Self :: api_version ()") {
            continue;
        }
        if let Stmt::Local(local) = &statement
            && matches!(&local.pat, Pat::Ident(name) if name.ident == "request")
        {
            request = local.init.as_ref().map(|init| (*init.expr).clone());
            break;
        }
        statements.push(statement);
    }
    let mut request = request.ok_or("it builds no `request`")?;
    let query = take_query(&mut request)?;
    if let Some((name, _)) = query.iter().find(|(_, value)| !is_optional(value, &method.sig)) {
        return Err(format!(
            "{} in its query is required or a list, which `TypedRequest::query` cannot write",
            text(name)
        ));
    }
    // Without its own headers, a request needs no header map.
    let is_map = |statement: &Stmt| matches!(statement, Stmt::Local(local) if text(&local.pat) == "mut header_map");
    let has_headers = statements.iter().any(|statement| !is_map(statement) && text(statement).contains("header_map"));
    if !has_headers {
        statements.retain(|statement| !is_map(statement));
    }
    prune(&mut request, has_headers);
    let call =
        query.into_iter().fold(parse_quote! { crate::TypedRequest::new(#request) }, |call: Expr, (name, value)| {
            parse_quote! { #call.query(#name, #value) }
        });
    statements.push(Stmt::Expr(parse_quote! { Ok(#call) }, None));
    method.block.stmts = statements;
    check_path(method)
}

/// Changes the type of a method's path parameters to `PathSegment`, which checks and encodes them.
///
/// Progenitor builds the path with `let url = format!(..)`, and encodes each parameter with
/// `encode_path(&parameter.to_string())`.
fn check_path(method: &mut ImplItemFn) -> Outcome<()> {
    let mut parameters = Vec::new();
    for statement in &mut method.block.stmts {
        if let Stmt::Local(local) = statement
            && let Some(Expr::Macro(format)) = local.init.as_mut().map(|init| &mut *init.expr)
        {
            format.mac.tokens = take_encoded(std::mem::take(&mut format.mac.tokens), &mut parameters);
        }
    }
    for name in parameters {
        let kind = method.sig.inputs.iter_mut().find_map(|input| match input {
            FnArg::Typed(input) if name == text(&input.pat) => Some(&mut input.ty),
            _ => None,
        });
        match kind {
            Some(kind) if text(kind) == "& 'a str" => **kind = parse_quote! { crate::PathSegment<'a> },
            _ => return Err(format!("{name} in its path is not a string parameter")),
        }
    }
    Ok(())
}

/// Replaces `encode_path(&parameter.to_string())` with `parameter`, and collects the parameters.
fn take_encoded(tokens: TokenStream, parameters: &mut Vec<Ident>) -> TokenStream {
    let mut kept = Vec::new();
    for token in tokens {
        let is_argument = matches!(kept.last(), Some(TokenTree::Ident(name)) if name == "encode_path");
        match &token {
            TokenTree::Group(argument) if is_argument => {
                kept.pop();
                if let Some(parameter) = first_name(argument.stream()) {
                    parameters.push(parameter.clone());
                    kept.push(parameter.into());
                }
            }
            _ => kept.push(token),
        }
    }
    kept.into_iter().collect()
}

/// Returns the first identifier of these tokens.
fn first_name(tokens: TokenStream) -> Option<Ident> {
    tokens.into_iter().find_map(|token| match token {
        TokenTree::Ident(name) => Some(name),
        _ => None,
    })
}

/// Removes the query from the chain of calls, and returns its names and values in their order.
///
/// `TypedRequest` adds the query instead. reqwest would require three more crates for `progenitor_client::QueryParam`.
fn take_query(request: &mut Expr) -> Outcome<Vec<(Expr, Expr)>> {
    let call = match request {
        Expr::Try(attempt) => return take_query(&mut attempt.expr),
        Expr::MethodCall(call) => call,
        _ => return Ok(Vec::new()),
    };
    let mut query = take_query(&mut call.receiver)?;
    if call.method == "query" {
        query.push(parameter(call).ok_or("its query is no `QueryParam::new(name, &value)`")?);
        *request = (*call.receiver).clone();
    }
    Ok(query)
}

/// Returns `name` and `value` of `.query(&progenitor_client::QueryParam::new(name, &value))`.
fn parameter(call: &ExprMethodCall) -> Option<(Expr, Expr)> {
    let Expr::Reference(parameter) = call.args.first()? else { return None };
    let Expr::Call(parameter) = &*parameter.expr else { return None };
    let mut arguments = parameter.args.iter();
    match (text(&parameter.func).as_str(), arguments.next()?, arguments.next()?) {
        ("progenitor_client :: QueryParam :: new", name, Expr::Reference(value)) => {
            Some((name.clone(), (*value.expr).clone()))
        }
        _ => None,
    }
}

/// Returns `true` if an argument is optional and not a list.
fn is_optional(argument: &Expr, signature: &Signature) -> bool {
    signature.inputs.iter().any(|input| match input {
        FnArg::Typed(input) if text(&input.pat) == text(argument) => {
            let kind = text(&input.ty);
            kind.starts_with("Option <") && !kind.contains("Vec <") && !kind.contains('[')
        }
        _ => false,
    })
}

/// Removes the headers that the sender decides about: the accepted content types.
fn prune(request: &mut Expr, has_headers: bool) {
    match request {
        Expr::Try(attempt) => prune(&mut attempt.expr, has_headers),
        Expr::MethodCall(call) => {
            prune(&mut call.receiver, has_headers);
            if is_superfluous(call, has_headers) {
                *request = (*call.receiver).clone();
            }
        }
        _ => {}
    }
}

fn is_superfluous(call: &ExprMethodCall, has_headers: bool) -> bool {
    match call.method.to_string().as_str() {
        "headers" => !has_headers,
        "header" => call.args.first().is_some_and(|name| text(name).ends_with("ACCEPT")),
        _ => false,
    }
}

/// Returns `T` of `Result<ResponseValue<T>, _>`. A stream of bytes becomes bytes.
fn response(output: &ReturnType) -> Option<Type> {
    let ReturnType::Type(_, output) = output else { return None };
    let response = argument(argument(output, "Result")?, "ResponseValue")?;
    Some(if text(response) == "ByteStream" {
        parse_quote! { ::bytes::Bytes }
    } else {
        response.clone()
    })
}

/// Returns the first type argument of a type with this name.
fn argument<'a>(outer: &'a Type, name: &str) -> Option<&'a Type> {
    let Type::Path(path) = outer else { return None };
    let last = path.path.segments.last().filter(|last| last.ident == name)?;
    let PathArguments::AngleBracketed(arguments) = &last.arguments else { return None };
    arguments.args.iter().find_map(|argument| match argument {
        GenericArgument::Type(inner) => Some(inner),
        _ => None,
    })
}

fn text(tokens: &impl quote::ToTokens) -> String {
    quote!(#tokens).to_string()
}
