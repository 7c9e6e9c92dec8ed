use super::*;

#[test]
fn create_has_defaults() {
    let create = |autostart, cleanup_without_inputs| CreateSpec { autostart, cleanup_without_inputs };
    assert_eq!(check_create(&json!({})), Ok(create(true, true)));
    assert_eq!(check_create(&json!({ "autostart": false })), Ok(create(false, true)));
    assert_eq!(check_create(&json!({ "autostart": true, "cleanup_without_inputs": false })), Ok(create(true, false)));
}

#[test]
fn input_is_read_by_its_type() {
    let text = |text: &str| text.to_owned();
    for (body, input) in [
        (json!({ "type": "whip_server" }), InputSpec::WhipServer { bearer_token: None, video: true }),
        (
            json!({ "type": "whip_server", "bearer_token": "t", "video": false }),
            InputSpec::WhipServer { bearer_token: Some(text("t")), video: false },
        ),
        (
            json!({ "type": "whep_client", "endpoint_url": "https://h/w", "bearer_token": null, "video": null }),
            InputSpec::WhepClient { endpoint_url: text("https://h/w"), bearer_token: None, video: true },
        ),
        (
            json!({ "type": "mp4", "url": "http://h/a.mp4" }),
            InputSpec::Mp4 { url: text("http://h/a.mp4"), is_loop: false },
        ),
        (
            json!({ "type": "mp4", "url": "http://h/a.mp4", "loop": true }),
            InputSpec::Mp4 { url: text("http://h/a.mp4"), is_loop: true },
        ),
        (json!({ "type": "rtmp_server", "stream_key": "" }), InputSpec::RtmpServer { stream_key: text("") }),
    ] {
        assert_eq!(check_input(&body), Ok(input), "{body}");
    }
}

#[test]
fn debug_shows_no_secret() {
    for body in [
        json!({ "type": "whip_server", "bearer_token": "secret" }),
        json!({ "type": "whep_client", "endpoint_url": "https://h/secret", "bearer_token": "secret" }),
        json!({ "type": "mp4", "url": "http://h/secret" }),
        json!({ "type": "rtmp_server", "stream_key": "secret" }),
    ] {
        assert!(!format!("{:?}", check_input(&body).unwrap()).contains("secret"));
    }
    let image = check_image(&json!({ "asset_type": "png", "url": "https://h/secret" })).unwrap();
    assert!(!format!("{image:?}").contains("secret"));
    let event = check_event(&json!({ "event_name": "e", "data": "secret" })).unwrap();
    assert!(!format!("{event:?}").contains("secret"));
}

#[test]
fn url_that_cannot_be_fetched_is_rejected() {
    for (operation, mut body, member, code) in [
        ("register_input", json!({ "type": "mp4" }), "url", "INVALID_MP4_SOURCE"),
        ("register_input", json!({ "type": "whep_client" }), "endpoint_url", "WHEP_INVALID_SERVER_URL"),
        ("register_image", json!({ "asset_type": "png" }), "url", "REGISTER_IMAGE_ERROR"),
    ] {
        for url in ["", "a.png", "https://", "ftp://host/a"] {
            body[member] = json!(url);
            let (status, message) = verdict(operation, &body);
            assert_eq!((status, message.split(':').next()), (400, Some(member)), "{body}");
            let refusal = check_input(&body).err().or_else(|| check_image(&body).err()).unwrap();
            assert!(operation == "register_image" || format!("{refusal:?}").contains(code), "{refusal:?}");
        }
        body[member] = json!("HTTPS://host:8443/a?b=c");
        assert_eq!(verdict(operation, &body), (200, String::new()));
    }
}

#[test]
fn image_is_read_by_its_type() {
    for asset_type in ["png", "jpeg", "svg", "gif", "auto"] {
        let image = check_image(&json!({ "asset_type": asset_type, "url": "https://h/i" })).unwrap();
        assert_eq!((image.asset_type.as_str(), image.url.as_str()), (asset_type, "https://h/i"));
    }
    let svg = |resolution: Value| json!({ "asset_type": "svg", "url": "https://h/i", "resolution": resolution });
    for resolution in [json!(null), json!({ "width": 0, "height": 1 }), json!({ "width": 1, "height": 1, "x": 1 })] {
        assert_eq!(verdict("register_image", &svg(resolution)).0, 200);
    }
    let png = json!({ "asset_type": "png", "url": "https://h/i", "resolution": null });
    assert_eq!(verdict("register_image", &png).0, 422);
    assert_eq!(verdict("register_image", &json!({ "asset_type": "webp", "url": "https://h/i" })).0, 422);
}

#[test]
fn image_error_has_its_code() {
    let refusal = check_image(&json!({ "asset_type": "png", "url": "x" })).unwrap_err();
    assert!(format!("{refusal:?}").contains("REGISTER_IMAGE_ERROR"));
}

#[test]
fn schedule_is_not_negative() {
    for operation in ["unregister_input", "unregister_output", "unregister_image", "update_output"] {
        for time in [json!(0), json!(0.5), json!(-0.0), json!(1e12)] {
            assert_eq!(verdict(operation, &json!({ "schedule_time_ms": time })).0, 200, "{operation} {time}");
        }
        for time in [json!(-1), json!(-0.001), json!(1e300)] {
            let (status, message) = verdict(operation, &json!({ "schedule_time_ms": time }));
            assert_eq!((status, message.split(':').next()), (400, Some("schedule_time_ms")), "{operation} {time}");
        }
    }
    assert_eq!(check_unregister(&json!({ "other": [] })), Ok(None));
    assert_eq!(check_unregister(&json!({ "schedule_time_ms": null })), Ok(None));
    assert_eq!(check_unregister(&json!({ "schedule_time_ms": 5 })), Ok(Some(5.0)));
}

#[test]
fn event_name_has_1_to_128_characters() {
    for name in ["e".to_owned(), " ".to_owned(), "é".repeat(128)] {
        let event = check_event(&json!({ "event_name": name })).unwrap();
        assert_eq!((event.event_name, event.data), (name, None));
    }
    for name in [String::new(), "e".repeat(129)] {
        let (status, message) = verdict("send_composition_event", &json!({ "event_name": name }));
        assert_eq!((status, message.split(':').next()), (400, Some("event_name")));
    }
}

#[test]
fn event_data_can_be_null() {
    for data in [json!(null), json!(1), json!("x"), json!([1]), json!({ "a": null })] {
        let event = check_event(&json!({ "event_name": "e", "data": data })).unwrap();
        assert_eq!(event.data, Some(data));
    }
}

#[test]
fn operation_without_a_json_body_is_unknown() {
    for operation in [
        "start",
        "reset",
        "delete_composition",
        "request_keyframe",
        "register_font",
        "register_template_output",
        "x",
        "",
    ] {
        assert_eq!(verdict(operation, &json!({})).0, 404, "{operation}");
    }
}
