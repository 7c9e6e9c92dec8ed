//! Tiles, computed by hand.

use serde_json::{Value, json};

use super::{assert_rects, at, layout};

fn views(count: usize) -> Vec<Value> {
    vec![json!({ "type": "view" }); count]
}

/// Returns the columns of the first row, the rows, and the width and the height of a tile.
fn grid(resolution: (u32, u32), aspect: &str, count: usize) -> (usize, usize, f64, f64) {
    let root = json!({ "type": "tiles", "tile_aspect_ratio": aspect, "children": views(count) });
    let layout = layout(resolution, &root);
    let tiles = layout.boxes().get(1..).unwrap();
    let mut rows: Vec<_> = tiles.iter().map(|tile| tile.rect().y).collect();
    let columns = rows.iter().filter(|y| *y == rows.first().unwrap()).count();
    rows.dedup();
    let first = tiles.first().unwrap().rect();
    (columns, rows.len(), first.width, first.height)
}

/// Checks the columns, the rows and the width of a tile for 1 to 20 tiles.
#[track_caller]
fn assert_grids(aspect: &str, ratio: f64, expected: [(usize, usize, f64); 20]) {
    for (count, (columns, rows, width)) in (1..).zip(expected) {
        let actual = grid((1280, 720), aspect, count);
        assert_eq!((actual.0, actual.1), (columns, rows), "{count} tiles of {aspect}");
        assert!((actual.2 - width).abs() < 0.01, "{count} tiles of {aspect}: {}", actual.2);
        assert!((actual.3 - width / ratio).abs() < 0.01, "{count} tiles of {aspect}: {}", actual.3);
    }
}

#[test]
fn wide_tiles_are_as_large_as_possible() {
    // width = min(1280 / columns, 1280 / rows)
    let (third, quarter) = ((3, 3, 426.667), (4, 4, 320.0));
    assert_grids(
        "16:9",
        16.0 / 9.0,
        [
            (1, 1, 1280.0),
            (2, 1, 640.0),
            (2, 2, 640.0),
            (2, 2, 640.0),
            (3, 2, 426.667),
            (3, 2, 426.667),
            third,
            third,
            third,
            (4, 3, 320.0),
            (4, 3, 320.0),
            (4, 3, 320.0),
            quarter,
            quarter,
            quarter,
            quarter,
            (5, 4, 256.0),
            (5, 4, 256.0),
            (5, 4, 256.0),
            (5, 4, 256.0),
        ],
    );
}

#[test]
fn square_tiles_are_as_large_as_possible() {
    // width = min(1280 / columns, 720 / rows)
    assert_grids(
        "1:1",
        1.0,
        [
            (1, 1, 720.0),
            (2, 1, 640.0),
            (3, 1, 426.667),
            (2, 2, 360.0),
            (3, 2, 360.0),
            (3, 2, 360.0),
            (4, 2, 320.0),
            (4, 2, 320.0),
            (5, 2, 256.0),
            (5, 2, 256.0),
            (4, 3, 240.0),
            (4, 3, 240.0),
            (5, 3, 240.0),
            (5, 3, 240.0),
            (5, 3, 240.0),
            (6, 3, 213.333),
            (6, 3, 213.333),
            (6, 3, 213.333),
            (7, 3, 182.857),
            (7, 3, 182.857),
        ],
    );
}

#[test]
fn tall_tiles_are_as_large_as_possible() {
    // width = min(1280 / columns, 405 / rows)
    assert_grids(
        "9:16",
        9.0 / 16.0,
        [
            (1, 1, 405.0),
            (2, 1, 405.0),
            (3, 1, 405.0),
            (4, 1, 320.0),
            (5, 1, 256.0),
            (6, 1, 213.333),
            (4, 2, 202.5),
            (4, 2, 202.5),
            (5, 2, 202.5),
            (5, 2, 202.5),
            (6, 2, 202.5),
            (6, 2, 202.5),
            (7, 2, 182.857),
            (7, 2, 182.857),
            (8, 2, 160.0),
            (8, 2, 160.0),
            (9, 2, 142.222),
            (9, 2, 142.222),
            (7, 3, 135.0),
            (7, 3, 135.0),
        ],
    );
}

#[test]
fn tiles_with_equal_sizes_use_fewer_rows() {
    // One more row has tiles of the same size. Errors of rounding make them larger in some of these pictures.
    for (resolution, count, rows) in
        [((1280, 720), 17, 4), ((768, 432), 17, 4), ((1536, 864), 20, 4), ((1024, 576), 37, 6), ((2048, 1152), 39, 6)]
    {
        assert_eq!(grid(resolution, "16:9", count).1, rows, "{count} tiles in {resolution:?}");
    }
    assert_eq!(grid((500, 500), "1:1", 2).1, 1);
}

#[test]
fn margin_and_padding_surround_each_tile() {
    // (1280 - 2 * 5 * 2 - 10 * 3) / 2 / 16 = 38.44 and (720 - 20 - 30) / 2 / 9 = 37.22: a tile has 595.56 x 335.
    let tiles = |align: &str| json!({ "type": "tiles", "margin": 10, "padding": 5, "horizontal_align": align, "children": views(3) });
    let (width, height) = (595.555_56, 335.0);
    for (align, first, second, last) in [
        // The first row has 1280 - 2 * 595.56 - 50 = 38.89 to spare, and the last one has 1280 - 595.56 - 30 = 654.44.
        ("left", 15.0, 630.555_56, 15.0),
        ("center", 34.444_44, 650.0, 342.222_22),
        ("right", 53.888_89, 669.444_44, 669.444_44),
        ("justified", 27.962_96, 656.481_48, 342.222_22),
    ] {
        assert_rects(
            &layout((1280, 720), &tiles(align)),
            &[
                (".children[0]", [first, 15.0, width, height]),
                (".children[1]", [second, 15.0, width, height]),
                (".children[2]", [last, 370.0, width, height]),
            ],
        );
    }
}

#[test]
fn two_rows_of_five_tiles_are_largest() {
    let root = json!({ "type": "tiles", "tile_aspect_ratio": "4:3", "margin": 12, "padding": 6, "children": views(5) });
    // 1 row: 868 / 5 / 4 = 43.4. 2 rows: min(916 / 3 / 4, 640 / 2 / 3) = 76.33. 3 rows: min(940 / 2 / 4, 616 / 3 / 3) = 68.44.
    // A tile has 305.33 x 229. The last row has 940 - 610.67 = 329.33 to spare, and the rows have 640 - 458 = 182.
    let (width, height) = (305.333_33, 229.0);
    assert_rects(
        &layout((1000, 700), &root),
        &[
            (".children[0]", [18.0, 109.0, width, height]),
            (".children[1]", [347.333_33, 109.0, width, height]),
            (".children[2]", [676.666_67, 109.0, width, height]),
            (".children[3]", [182.666_67, 362.0, width, height]),
            (".children[4]", [512.0, 362.0, width, height]),
        ],
    );
}

#[test]
fn vertical_alignment_spreads_the_free_height() {
    // Two tiles of 640 x 360 leave 280.
    for (align, first, second) in
        [("top", 0.0, 360.0), ("center", 140.0, 500.0), ("bottom", 280.0, 640.0), ("justified", 93.333_33, 546.666_67)]
    {
        let root = json!({ "type": "tiles", "vertical_align": align, "children": views(2) });
        assert_rects(
            &layout((640, 1000), &root),
            &[(".children[0]", [0.0, first, 640.0, 360.0]), (".children[1]", [0.0, second, 640.0, 360.0])],
        );
    }
}

#[test]
fn leaves_keep_their_aspect_ratio_in_a_tile() {
    let root = json!({ "type": "tiles", "children": [
        { "type": "input_stream", "input_id": "vga" }, { "type": "input_stream", "input_id": "tall" },
        { "type": "image", "image_id": "logo" }, { "type": "input_stream", "input_id": "nobody" },
    ]});
    // Each tile has 640 x 360. The scales are 360 / 480, 360 / 640 and 640 / 200.
    let layout = layout((1280, 720), &root);
    assert_rects(
        &layout,
        &[
            (".children[0]", [80.0, 0.0, 480.0, 360.0]),
            (".children[1]", [858.75, 0.0, 202.5, 360.0]),
            (".children[2]", [0.0, 380.0, 640.0, 320.0]),
            (".children[3]", [960.0, 540.0, 0.0, 0.0]),
        ],
    );
    let nobody = at(&layout, ".children[3]");
    assert!(nobody.visible().is_none());
    assert_eq!(nobody.scale(), 1.0);
}

#[test]
fn containers_have_the_size_of_their_tile() {
    let view = json!({ "type": "view", "width": 10, "top": 5, "left": 5, "rotation": 45, "border_width": 8, "children": [{ "type": "view" }] });
    let rescaler = json!({ "type": "rescaler", "width": 10, "child": { "type": "input_stream", "input_id": "vga" } });
    let root = json!({ "type": "tiles", "children": [view, rescaler] });
    let layout = layout((1280, 720), &root);
    assert_rects(
        &layout,
        &[
            (".children[0]", [0.0, 180.0, 640.0, 360.0]),
            (".children[0].children[0]", [8.0, 188.0, 624.0, 344.0]),
            (".children[1]", [640.0, 180.0, 640.0, 360.0]),
            (".children[1].child", [720.0, 180.0, 480.0, 360.0]),
        ],
    );
    assert_eq!(at(&layout, ".children[0]").rotation(), 0.0);
}

#[test]
fn nested_tiles_use_their_own_frame() {
    let inner = json!({ "type": "tiles", "width": 320, "height": 90, "children": views(2) });
    let root = json!({ "type": "view", "padding": 10, "children": [inner, { "type": "tiles", "children": views(1) }] });
    // The second frame has 640 - 20 - 320 = 300 x 160, and its tile 160 * 16 / 9 = 284.44 or 300: 300 x 168.75 is too high.
    assert_rects(
        &layout((640, 180), &root),
        &[
            (".children[0].children[0]", [10.0, 10.0, 160.0, 90.0]),
            (".children[0].children[1]", [170.0, 10.0, 160.0, 90.0]),
            (".children[1].children[0]", [337.777_78, 10.0, 284.444_44, 160.0]),
        ],
    );
}

#[test]
fn tiles_without_room_have_no_area() {
    for members in [
        json!({ "margin": 300 }),
        json!({ "padding": 200 }),
        json!({ "tile_aspect_ratio": "0:9" }),
        json!({ "tile_aspect_ratio": "16:0" }),
    ] {
        let mut root = json!({ "type": "tiles", "children": views(4) });
        root.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
        let layout = layout((640, 360), &root);
        for tile in layout.boxes().get(1..).unwrap() {
            assert_eq!((tile.rect().width, tile.rect().height), (0.0, 0.0), "{members}");
        }
    }
    assert_eq!(layout((640, 360), &json!({ "type": "tiles" })).boxes().len(), 1);
}
