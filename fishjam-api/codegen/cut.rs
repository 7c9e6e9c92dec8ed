//! What is kept of progenitor's client: its methods, up to the request that they build.
//!
//! Sending a request, trying again and decoding whatever a server may answer are the SDK's own. The rest of each
//! method, progenitor's way to do these, would be compiled by every dependent and run by none.

use quote::quote;
use syn::{
    Expr, ExprMethodCall, File, FnArg, GenericArgument, ImplItem, ImplItemFn, Item, ItemImpl, Pat, PathArguments,
    ReturnType, Signature, Stmt, Type, parse_quote,
};

use crate::Outcome;

/// Leaves of a generated file its types, and a client whose methods return a `crate::Built` request.
pub(crate) fn keep(file: &mut File) -> Outcome<()> {
    let mut kept: Vec<Item> = vec![parse_quote! {
        #[allow(unused_imports)]
        use crate::requests::encode_path;
    }];
    for item in std::mem::take(&mut file.items) {
        match item {
            // What the methods do not need any more.
            Item::Use(_) | Item::Const(_) => {}
            Item::Impl(implementation) if implementation.trait_.is_some() && is_client(&implementation) => {}
            Item::Struct(mut client) if client.ident == "Client" => {
                client.fields.iter_mut().for_each(|field| build_only(&mut field.ty));
                kept.push(Item::Struct(client));
            }
            Item::Impl(mut implementation) if is_client(&implementation) => {
                cut_all(&mut implementation)?;
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

/// Cuts every operation; of the constructors stays the one with a client that was set up elsewhere.
fn cut_all(implementation: &mut ItemImpl) -> Outcome<()> {
    implementation.items.retain(|item| !matches!(item, ImplItem::Fn(method) if method.sig.ident == "new"));
    for item in &mut implementation.items {
        let ImplItem::Fn(method) = item else { continue };
        if method.sig.asyncness.take().is_some() {
            cut(method).map_err(|problem| format!("the generated method {}: {problem}", method.sig.ident))?;
        } else {
            // Progenitor's words are of whole addresses.
            method.attrs = vec![parse_quote! { #[doc = " A client that gives its requests paths with this prefix."] }];
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

/// Puts what only builds requests in the place of what could send them.
fn build_only(kind: &mut Type) {
    if text(kind) == "reqwest :: Client" {
        *kind = parse_quote! { crate::Requests };
    }
}

/// Ends a method where its request is built.
fn cut(method: &mut ImplItemFn) -> Outcome<()> {
    let answer = answer(&method.sig.output).ok_or("it returns no `Result<ResponseValue<T>, _>`")?;
    method.sig.output = parse_quote! { -> crate::Built<#answer> };
    let mut statements = Vec::new();
    let mut request = None;
    for statement in std::mem::take(&mut method.block.stmts) {
        // Progenitor's own; nothing in the service's contract knows this header.
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
        return Err(format!("{} in its query is required or a list, which `Call::query` cannot write", text(name)));
    }
    // Without headers of its own a request needs no map of them.
    let is_map = |statement: &Stmt| matches!(statement, Stmt::Local(local) if text(&local.pat) == "mut header_map");
    let has_headers = statements.iter().any(|statement| !is_map(statement) && text(statement).contains("header_map"));
    if !has_headers {
        statements.retain(|statement| !is_map(statement));
    }
    prune(&mut request, has_headers);
    let call = query.into_iter().fold(parse_quote! { crate::Call::new(#request) }, |call: Expr, (name, value)| {
        parse_quote! { #call.query(#name, #value) }
    });
    statements.push(Stmt::Expr(parse_quote! { Ok(#call) }, None));
    method.block.stmts = statements;
    Ok(())
}

/// Takes the query out of the chain of calls: names and values in their order. reqwest's way to write it, with
/// `progenitor_client::QueryParam`, takes three more crates; the call itself does it.
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

/// `name` and `value` of `.query(&progenitor_client::QueryParam::new(name, &value))`.
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

/// Whether an argument is one value or none: not required, and no list.
fn is_optional(argument: &Expr, signature: &Signature) -> bool {
    signature.inputs.iter().any(|input| match input {
        FnArg::Typed(input) if text(&input.pat) == text(argument) => {
            let kind = text(&input.ty);
            kind.starts_with("Option <") && !kind.contains("Vec <") && !kind.contains('[')
        }
        _ => false,
    })
}

/// Takes from the chain of calls what the sender of a request decides: which content types it accepts.
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

/// `T` of `Result<ResponseValue<T>, _>`; bytes where it is a stream of them.
fn answer(output: &ReturnType) -> Option<Type> {
    let ReturnType::Type(_, output) = output else { return None };
    let answer = argument(argument(output, "Result")?, "ResponseValue")?;
    Some(if text(answer) == "ByteStream" {
        parse_quote! { ::bytes::Bytes }
    } else {
        answer.clone()
    })
}

/// The first type argument of a type with this name.
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
